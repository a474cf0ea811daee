/** Documents that reach an agent cut short, too long, or as something else. */
import assert from "node:assert/strict";
import { rulesFromFolder, startAgent } from "../../runtime/agent/mod.ts";
import { openSource } from "../../runtime/agent/sources/open_source.ts";
import { AGENT_LIMITS } from "../../runtime/agent/limits.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import { indexPath, manifestPath, modulePath } from "../../runtime/core/source_layout.ts";
import { TestAgent } from "../agent/agent_fixture.ts";
import { FakeRunner, TestFleet } from "../agent/fixture.ts";
import { FleetFolder } from "../cli/fleet_folder.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { assertClearError, assertClearMessage } from "./clear_error.ts";
import { runAgent } from "./run_agent.ts";

/** What can be wrong with any file. */
const CUT = (bytes: Uint8Array) => bytes.slice(0, -1);
const HALF = (bytes: Uint8Array) => bytes.slice(0, bytes.length / 2);
const EMPTY = () => new Uint8Array();
const ZEROS = (bytes: Uint8Array) => new Uint8Array(bytes.length);
const longer = (limit: number) => (bytes: Uint8Array) => {
  const long = new Uint8Array(limit + 1).fill(0x20);
  long.set(bytes);
  return long;
};

Deno.test("an agent refuses a run, by name, when its source has", async (t) => {
  const fleet = new TestFleet();
  const { digest, module } = fleet.publish("1.0.0");
  const index = indexPath(fleet.script);
  const manifest = manifestPath(fleet.script, "1.0.0");
  const code = modulePath(digest);
  const cases: [string, string, (bytes: Uint8Array) => Uint8Array, string][] = [
    ["a truncated index", index, CUT, "not_found"],
    ["an oversized index", index, longer(AGENT_LIMITS.INDEX_BYTES), "not_found"],
    ["an index of zeros", index, ZEROS, "not_found"],
    ["a truncated manifest", manifest, CUT, "bad_envelope"],
    ["half a manifest", manifest, HALF, "bad_envelope"],
    ["an empty manifest", manifest, EMPTY, "bad_envelope"],
    ["an oversized manifest", manifest, longer(LIMITS.MANIFEST_BYTES), "not_found"],
    ["a module for a manifest", manifest, () => module, "bad_envelope"],
    ["a truncated module", code, CUT, "module_length"],
    ["an empty module", code, EMPTY, "module_length"],
    ["a module of zeros", code, ZEROS, "module_hash"],
    ["an oversized module", code, longer(module.length), "not_found"],
  ];
  for (const [name, path, spoil, rule] of cases) {
    await t.step(name, async () => {
      using published = new TemporaryDir();
      for (const [path, bytes] of fleet.files) published.file(path, bytes);
      const source = openSource(published.path);
      const rules = () => Promise.resolve({ policy: fleet.policy(), sources: [source] });
      await using test = await TestAgent.start({ rules }, fleet);

      published.file(path, spoil(fleet.files.get(path)!));
      const { outcome } = await test.ended((await test.order()).run);
      assert.ok(outcome?.outcome === "refused", JSON.stringify(outcome));
      assert.equal(outcome.detail.rule, rule);
      assertClearMessage(outcome.detail.message);
      assert.equal(test.runner.started.length, 0);

      published.file(path, fleet.files.get(path)!);
      test.now += AGENT_LIMITS.INDEX_FRESH_MS;
      const again = await test.ended((await test.order()).run);
      assert.equal(again.outcome?.outcome, "ok", "what was put right runs");
    });
  }
});

Deno.test("POST /v1/orders refuses an order cut short anywhere, and takes the whole one", async () => {
  await using test = await TestAgent.start();
  const { envelope } = test.fleet.order(test.agent.id);
  for (let length = 0; length < envelope.length; length += 17) {
    const response = await test.send(envelope.slice(0, length));
    const { error } = await response.json();
    assert.deepEqual([response.status, error.code], [400, "bad_envelope"], `${length} bytes`);
  }
  const runs = await (await test.ask("/v1/runs")).json();
  assert.deepEqual(runs, { runs: [] });
  const whole = await test.send(envelope);
  assert.equal(whole.status, 202);
  await whole.body?.cancel();
});

/** A fleet in signed mode with one list: what `writ policy sign` makes of a local one. */
async function signedFleet(): Promise<FleetFolder> {
  const fleet = await FleetFolder.make();
  await fleet.publishHello();
  await fleet.done("policy", "sign", "--expires", "30 d");
  await fleet.done("policy", "sign", "--expires", "30 d");
  Deno.removeSync(`${fleet.path}/policy/accept.yaml`);
  Deno.removeSync(`${fleet.path}/policy/grants`, { recursive: true });
  const ceiling = fleet.read("policy/fleet.yaml").split("\n").slice(-6).join("\n");
  const sources = "sources: [../published]\nlisten: 127.0.0.1:0\n";
  fleet.file(
    "policy/fleet.yaml",
    `fleet: test\nmode: signed\nroot: signed\n${sources}${
      ceiling.slice(ceiling.indexOf("ceiling"))
    }`,
  );
  return fleet;
}

const BAD_LISTS: [string, string, (bytes: Uint8Array) => Uint8Array][] = [
  ["a truncated list", "acceptlist.2", CUT],
  ["an empty list", "acceptlist.2", EMPTY],
  ["a list of zeros", "acceptlist.2", ZEROS],
  ["an oversized list", "acceptlist.2", longer(8 << 20)],
  ["a truncated root", "root.1", CUT],
  ["an oversized root", "root.1", longer(8 << 20)],
];

Deno.test("a running agent keeps the list in force when the folder has", async (t) => {
  using fleet = await signedFleet();
  const rules = rulesFromFolder(`${fleet.path}/policy`, []);
  const stateDir = `${fleet.path}/state`;
  await using agent = await startAgent({ stateDir, rules, runner: new FakeRunner() });
  for (const [name, file, spoil] of BAD_LISTS) {
    await t.step(name, async () => {
      const path = `${fleet.path}/policy/signed/${file}.json`;
      const before = Deno.readFileSync(path);
      Deno.writeFileSync(path, spoil(before));
      await agent.reload();
      Deno.writeFileSync(path, before);
      const ran = await fleet.done("order", "example/hello", "--follow", "--json");
      assert.equal(ran.json().outcome, "ok");
    });
  }
});

Deno.test("writ agent does not start for the first time with", async (t) => {
  using fleet = await signedFleet();
  for (const [name, file, spoil] of BAD_LISTS) {
    await t.step(name, async () => {
      const path = `${fleet.path}/policy/signed/${file}.json`;
      const before = Deno.readFileSync(path);
      Deno.writeFileSync(path, spoil(before));
      const ran = await runAgent(fleet);
      Deno.writeFileSync(path, before);
      assertClearError(ran, 1, "policy");
    });
  }
  await t.step("and does when all is put back", async () => {
    assert.equal((await runAgent(fleet)).exit, 0);
  });
});
