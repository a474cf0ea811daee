import assert from "node:assert/strict";
import { withoutChromium } from "../capabilities/browser/chromium.ts";
import { TemporaryDir } from "../temporary_dir.ts";

/** The rights that `deno.json` gives the demo. */
const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)));
const FLAGS = (tasks["demo:co-browse"].command as string).split(" ")
  .filter((word) => word.startsWith("--allow-"))
  .map((word) => word.replace(/\$\(.*$/, Deno.execPath()));

Deno.test(
  "demo:co-browse shows what it promises, and writes a picture of each",
  withoutChromium,
  async () => {
    using pictures = new TemporaryDir();
    const main = new URL("../../runtime/cli/demo/co_browse/main.ts", import.meta.url).pathname;
    const options = ["--json", "--out", pictures.path];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--ignore-env", ...FLAGS, main, ...options],
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert.ok(text.startsWith("{"), new TextDecoder().decode(stderr));
    const { ok, hidden, handed, stopped } = JSON.parse(text);
    assert.deepEqual({ ok, hidden, handed, stopped }, {
      ok: true,
      hidden: true,
      handed: true,
      stopped: true,
    });
    for (const name of ["anna", "ben", "cleo"]) {
      const png = Deno.readFileSync(`${pictures.path}/${name}.png`);
      assert.equal(new TextDecoder("latin1").decode(png.subarray(1, 4)), "PNG");
    }
  },
);
