import assert from "node:assert/strict";
import { AuditReader } from "../../runtime/agent/audit/audit_reader.ts";
import { policyFromRules } from "../../runtime/core/policy_in_force.ts";
import type { PolicyInForce } from "../../runtime/core/policy_in_force.ts";
import { AgentError } from "../../runtime/agent/errors.ts";
import { AGENT_LIMITS } from "../../runtime/agent/limits.ts";
import { silentLog } from "../../runtime/agent/log.ts";
import { watchFolder } from "../../runtime/agent/start/watch_folder.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { TestAgent } from "./agent_fixture.ts";
import { TestFleet } from "./fixture.ts";

interface Loaded {
  policy: string;
  before: string | null;
  changes: string[];
  untold: number;
}

function loadedRows(test: TestAgent): Loaded[] {
  using audit = AuditReader.open(test.stateDir);
  return audit.tail(100).filter(({ event }) => event === "policy_loaded")
    .map(({ detail }) => JSON.parse(detail));
}

/** An agent whose policy the test replaces. */
class Changing {
  readonly fleet = new TestFleet();
  policy: PolicyInForce = this.fleet.policy();
  mistake: string | undefined;

  rules = () => {
    if (this.mistake !== undefined) throw new AgentError("policy", this.mistake);
    return Promise.resolve({ policy: this.policy, sources: [this.fleet.source()] });
  };
}

Deno.test("a reload writes down what changed, in words", async () => {
  const changing = new Changing();
  await using test = await TestAgent.start({ rules: changing.rules }, changing.fleet);
  const [first] = loadedRows(test);
  assert.deepEqual([first!.before, first!.changes], [null, []]);
  changing.policy = changing.fleet.policy({ deny: [{ script: "acme/echo", reason: "leaks" }] });
  const { changes } = await test.agent.reload();
  assert.equal(changes.length, 1);
  assert.deepEqual(loadedRows(test).at(-1), {
    policy: changing.policy.digest,
    fleet: "test",
    before: first!.policy,
    changes: ["- deny acme/echo: every version is denied (reason: leaks)"],
    untold: 0,
  });
});

Deno.test("a policy that changed while the agent was off is compared with the one before", async () => {
  const changing = new Changing();
  await using test = await TestAgent.start({ rules: changing.rules }, changing.fleet);
  await test.agent.stop();
  changing.policy = changing.fleet.policy({ accept: [] });
  await test.start({ rules: changing.rules });
  assert.equal(loadedRows(test).at(-1)!.changes.length, 1);
});

Deno.test("a row tells no more changes than it may, and counts the rest", async () => {
  const changing = new Changing();
  await using test = await TestAgent.start({ rules: changing.rules }, changing.fleet);
  const accept = Array.from({ length: AGENT_LIMITS.CHANGES_TOLD + 7 }, (_, i) => ({
    script: `acme/echo-${i}` as const,
    range: "*",
  }));
  changing.policy = changing.fleet.policy({
    accept: [...changing.policy.accept, ...accept],
  });
  await test.agent.reload();
  const { changes, untold } = loadedRows(test).at(-1)!;
  assert.deepEqual([changes.length, untold], [AGENT_LIMITS.CHANGES_TOLD, 7]);
});

Deno.test("GET /v1/policy is the policy in force, and a refused reload keeps it", async () => {
  const changing = new Changing();
  await using test = await TestAgent.start({ rules: changing.rules }, changing.fleet);
  const inForce = async () => policyFromRules((await (await test.ask("/v1/policy")).json()).rules);
  assert.equal((await inForce()).digest, changing.policy.digest);
  const reload = () => test.ask("/v1/policy/reload", { method: "POST" });
  const before = changing.policy.digest;
  changing.policy = changing.fleet.policy({ accept: [] });
  changing.mistake = "policy/accept.yaml:3:1 is no key";
  const refused = await reload();
  assert.equal(refused.status, 422);
  assert.deepEqual((await refused.json()).error, { code: "policy", message: changing.mistake });
  assert.equal((await inForce()).digest, before);
  changing.mistake = undefined;
  assert.equal((await (await reload()).json()).policy, changing.policy.digest);
  assert.equal((await inForce()).digest, changing.policy.digest);
});

Deno.test("an agent loads the policy anew when its files changed, and says a mistake once", async () => {
  const changing = new Changing();
  using folder = new TemporaryDir();
  const seen: string[] = [];
  let told: () => void = () => {};
  const next = () => new Promise<void>((resolve) => told = resolve);
  await using test = await TestAgent.start({
    rules: changing.rules,
    watch: folder.path,
    log: (_, message) => {
      if (!/^policy (loaded|refused)$/.test(message)) return;
      seen.push(message);
      told();
    },
  }, changing.fleet);
  seen.length = 0;
  const loaded = next();
  changing.policy = changing.fleet.policy({ accept: [] });
  Deno.writeTextFileSync(`${folder.path}/a`, "1");
  await loaded;
  assert.equal(loadedRows(test).at(-1)!.policy, changing.policy.digest);
  const refused = next();
  changing.mistake = "not yet whole";
  Deno.writeTextFileSync(`${folder.path}/a`, "2");
  await refused;
  assert.deepEqual(seen, ["policy loaded", "policy refused"]);
});

Deno.test("watchFolder() waits until the files are left alone, and ends when it is disposed of", async () => {
  using folder = new TemporaryDir();
  let times = 0;
  let resolve: () => void = () => {};
  const first = new Promise<void>((r) => resolve = r);
  {
    using _watch = watchFolder(folder.path, () => {
      times++;
      resolve();
      return Promise.resolve();
    }, silentLog);
    for (let i = 0; i < 20; i++) Deno.writeTextFileSync(`${folder.path}/${i}`, "");
    await first;
    assert.equal(times, 1);
  }
  Deno.writeTextFileSync(`${folder.path}/late`, "");
  using _none = watchFolder(`${folder.path}/missing`, () => Promise.reject(), silentLog);
});
