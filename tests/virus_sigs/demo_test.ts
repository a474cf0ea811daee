import assert from "node:assert/strict";
import { whyNoNamespaces } from "../../runtime/cli/demo/network/namespace.ts";
import { rightsOf } from "../../runtime/cli/demo/virus_sigs/process_agent.ts";
import { requireReal } from "../real/require_real.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { until } from "../until.ts";
import { PATIENCE_MS } from "../within.ts";
import { DATA, haveClamav } from "./clamav_data.ts";

/** The rights that `deno.json` gives the demo. */
const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)));
const FLAGS = (tasks["demo:virus-sigs"].command as string).split(" ")
  .filter((word) => word.startsWith("--allow-"))
  .map((word) => word.replace(/\$\(.*$/, Deno.execPath()));

function demo(args: readonly string[], options: Deno.CommandOptions = {}): Deno.Command {
  const main = new URL("../../runtime/cli/demo/virus_sigs/main.ts", import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--ignore-env", ...FLAGS, main, "--json", ...args],
    signal: AbortSignal.timeout(5 * PATIENCE_MS),
    ...options,
  });
}

async function play(...args: string[]) {
  const { stdout, stderr } = await demo(args).output();
  const text = new TextDecoder().decode(stdout);
  assert.ok(text.startsWith("{"), new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

const PROGRAMS = ["clamd", "clamscan", "freshclam", "sigtool"] as const;

Deno.test({
  name: "demo:virus-sigs shows what it promises with the real scanner and the vendor's database",
  ignore: !haveClamav(PROGRAMS),
  async fn() {
    const report = await play("--database", DATA);
    assert.deepEqual([report.ok, report.real], [true, true], JSON.stringify(report));
    assert.deepEqual(report.banned.by, ["third", "fourth"]);
    // Said loudly, with its reason, where there were none.
    assert.equal(report.whyShared, await whyNoNamespaces() ?? null);
    assert.equal(report.chained, report.whyShared === null ? true : undefined);
  },
});

Deno.test({
  name: "demo:virus-sigs shows it with the real scanner and nothing that is not in the repository",
  ignore: !requireReal(PROGRAMS),
  async fn() {
    const report = await play("--loopback");
    assert.deepEqual([report.ok, report.real], [true, true], JSON.stringify(report));
  },
});

Deno.test({
  name: "demo:virus-sigs shows the same with a plain list, and says that this is no scanner",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const report = await play("--lists", "--loopback");
    assert.deepEqual([report.ok, report.real], [true, false], JSON.stringify(report));
    assert.equal(report.missing.length, 1);
  },
});

Deno.test({
  name: "demo:virus-sigs leaves no keys behind when it is told to stop while its agents start",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using folder = new TemporaryDir();
    const env = { TMPDIR: folder.path };
    const options = { env, stdout: "null", stderr: "null" } as const;
    const child = demo(["--lists", "--loopback"], options).spawn();
    const made = () => [...Deno.readDirSync(folder.path)].map(({ name }) => name);
    await until(() => made().some((name) => name.startsWith("writ-sigs-")));
    child.kill("SIGTERM");
    assert.equal((await child.status).code, 130);
    assert.deepEqual(made(), []);
  },
});

Deno.test("demo:virus-sigs gives its agents the rights of `deno task agent`", () => {
  const words = (tasks.agent.command as string).split(/ (?!eval|-p|'Deno)/)
    .filter((word) => /^--(allow-|no-prompt|ignore-env)/.test(word))
    .map((word) => word.replace('"$INIT_CWD"', "/fleet").replace(/\$\(.*$/, Deno.execPath()));
  assert.deepEqual(rightsOf("/fleet").toSorted(), words.toSorted());
});
