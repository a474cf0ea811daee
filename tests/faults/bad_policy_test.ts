/** A policy folder that an agent cannot work by: it keeps the old one, or does not start. */
import assert from "node:assert/strict";
import { type Agent, AuditReader, rulesFromFolder, startAgent } from "../../runtime/agent/mod.ts";
import { AgentError } from "../../runtime/agent/errors.ts";
import { PolicyError } from "../../runtime/policy/errors.ts";
import { MAX_FILE_BYTES } from "../../runtime/policy/yaml/policy_file.ts";
import { FakeRunner } from "../agent/fixture.ts";
import { FleetFolder } from "../cli/fleet_folder.ts";
import { assertClearError, assertClearMessage } from "./clear_error.ts";
import { runAgent } from "./run_agent.ts";

const unix = { ignore: Deno.build.os === "windows" };

/** What is done to one file of the policy, or to a folder, and the code that says so. */
type Fault = readonly [name: string, spoil: (fleet: FleetFolder) => void, code: string];

const ACCEPT = "policy/accept.yaml",
  FLEET = "policy/fleet.yaml",
  GRANT = "policy/grants/hello.yaml";

function edit(file: string, change: (text: string) => string | Uint8Array) {
  return (fleet: FleetFolder) => void fleet.file(file, change(fleet.read(file)));
}

function mode(path: string, bits: number) {
  return (fleet: FleetFolder) => Deno.chmodSync(`${fleet.path}/${path}`, bits);
}

const FAULTS: readonly Fault[] = [
  ["malformed YAML", edit(ACCEPT, (text) => text + "extra: [\n"), "yaml_syntax"],
  ["a tab for spaces", edit(GRANT, (text) => text + "serve:\n\tallow: []\n"), "yaml_syntax"],
  ["an unknown key", edit(ACCEPT, (text) => text + "acept: []\n"), "unknown_key"],
  ["a key twice", edit(ACCEPT, (text) => text + "deny: []\n"), "duplicate_key"],
  ["a bare number for a size", edit(GRANT, (text) => text.replace("64 MB", "64")), "bad_unit"],
  ["a bare number for a time", edit(FLEET, (text) => text.replace("30 s", "30")), "bad_unit"],
  ["a truncated file", edit(FLEET, (text) => text.slice(0, text.indexOf("]") - 3)), "yaml_syntax"],
  ["an empty file", edit(GRANT, () => ""), "bad_type"],
  ["an oversized file", edit(GRANT, (text) => text + "#".repeat(MAX_FILE_BYTES)), "too_large"],
  ["a file of zeros", edit(ACCEPT, () => new Uint8Array(200_000)), "bad_type"],
  ["a file that is not UTF-8", edit(ACCEPT, () => Uint8Array.of(0xff, 0xfe)), "not_utf8"],
  ["nested without end", edit(ACCEPT, () => "accept: " + "[".repeat(100_000)), "too_deep"],
  ["a truncated key", edit(FLEET, (text) => text.replace(/[\w-]{9}(?=\])/, "")), "bad_value"],
  ["a file that others may write", mode(ACCEPT, 0o664), "insecure_permissions"],
  ["a folder that others may write", mode("policy", 0o777), "insecure_permissions"],
  ["a grants folder that others may write", mode("policy/grants", 0o775), "insecure_permissions"],
  ["no fleet.yaml", (fleet) => Deno.removeSync(`${fleet.path}/${FLEET}`), "missing_file"],
];

/** Everything of the policy, to be put back as it was. */
function remember(fleet: FleetFolder): () => void {
  const files = [ACCEPT, FLEET, GRANT].map((file) => [file, fleet.read(file)] as const);
  return () => {
    for (const folder of ["policy", "policy/grants"]) mode(folder, 0o755)(fleet);
    for (const [file, text] of files) {
      fleet.file(file, text);
      mode(file, 0o644)(fleet);
    }
  };
}

async function startIn(fleet: FleetFolder): Promise<Agent> {
  return await startAgent({
    stateDir: `${fleet.path}/state`,
    rules: rulesFromFolder(`${fleet.path}/policy`, []),
    runner: new FakeRunner(),
  });
}

Deno.test("a running agent keeps the old policy when the new one has", unix, async (t) => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  const restore = remember(fleet);
  await using agent = await startIn(fleet);
  const [first] = policyRows(fleet, "policy_loaded");
  for (const [name, spoil, code] of FAULTS) {
    await t.step(name, async () => {
      spoil(fleet);
      const refused = await agent.reload().catch((error: unknown) => error);
      restore();
      assert.ok(refused instanceof AgentError && refused.cause instanceof PolicyError);
      assert.deepEqual([refused.code, refused.cause.code], ["policy", code], refused.message);
      assertClearMessage(refused.message);
      const rows = policyRows(fleet, "policy_refused");
      assert.equal(rows[0]!.code, code, "it is written down");
      const ran = await fleet.done("order", "example/hello", "--follow", "--json");
      assert.equal(ran.json().outcome, "ok", "what was allowed still is");
    });
  }
  await t.step("and takes the one that was put right", async () => {
    await agent.reload();
    assert.equal(policyRows(fleet, "policy_loaded")[0]!.policy, first!.policy);
  });
});

Deno.test("writ agent does not start, and says why, when the policy has", unix, async (t) => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  const restore = remember(fleet);
  const { id } = await stopped(await startIn(fleet));
  for (const [name, spoil, code] of FAULTS) {
    if (code === "missing_file") continue;
    await t.step(name, async () => {
      spoil(fleet);
      const ran = await runAgent(fleet);
      restore();
      assertClearError(ran, 1, "policy");
      assert.equal(policyRows(fleet, "policy_refused")[0]!.code, code);
    });
  }
  await t.step("no fleet.yaml", async () => {
    Deno.removeSync(`${fleet.path}/${FLEET}`);
    const ran = await runAgent(fleet);
    restore();
    assertClearError(ran, 1, "no_fleet");
  });
  await t.step("and starts as who it was when it was put right", async () => {
    assert.equal((await stopped(await startIn(fleet))).id, id);
  });
});

async function stopped(agent: Agent): Promise<Agent> {
  await agent.stop();
  return agent;
}

/** The details of rows of the audit log, newest first. */
function policyRows(fleet: FleetFolder, event: string): Record<string, unknown>[] {
  using audit = AuditReader.open(`${fleet.path}/state`);
  assert.ok(audit.verify().ok);
  const rows = audit.tail(500).filter((row) => row.event === event);
  return rows.map(({ detail }) => JSON.parse(detail)).reverse();
}
