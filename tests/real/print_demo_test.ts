import assert from "node:assert/strict";
import { requireReal } from "./require_real.ts";
import { runTask } from "./task_command.ts";

const real = requireReal(["ippeveprinter", "dbus-daemon", "cupsd", "lpadmin", "lp"]);

Deno.test({
  name: "the demo of printing brings all to paper, once and in sequence, though the plug is pulled",
  ignore: !real,
  async fn() {
    const { code, stdout, stderr } = await runTask("demo:print", Deno.cwd(), []);
    assert.equal(code, 0, stdout + stderr);
  },
});
