import assert from "node:assert/strict";
import { haveClamav } from "./clamav_data.ts";

/** The rights that `deno.json` gives the demo. */
const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)));
const FLAGS = (tasks["demo:virus-sigs"].command as string).split(" ")
  .filter((word) => word.startsWith("--allow-"))
  .map((word) => word.replace(/\$\(.*$/, Deno.execPath()));

async function play(...args: string[]) {
  const main = new URL("../../runtime/cli/demo/virus_sigs/main.ts", import.meta.url).pathname;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--ignore-env", ...FLAGS, main, "--json", ...args],
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.ok(text.startsWith("{"), new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

Deno.test({
  name: "demo:virus-sigs shows what it promises with the real scanner",
  ignore: !haveClamav(["clamd", "clamscan", "freshclam", "sigtool"]),
  async fn() {
    const report = await play();
    assert.deepEqual([report.ok, report.real], [true, true], JSON.stringify(report));
    assert.deepEqual(report.banned.by, ["third", "fourth"]);
  },
});

Deno.test({
  name: "demo:virus-sigs shows the same with a plain list, and says that this is no scanner",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const report = await play("--lists");
    assert.deepEqual([report.ok, report.real], [true, false], JSON.stringify(report));
    assert.equal(report.missing.length, 1);
  },
});
