import assert from "node:assert/strict";
import { hexOf } from "../../runtime/core/digest.ts";
import { sealDocument } from "../../runtime/core/dsse.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { manifestPath } from "../../runtime/core/source_layout.ts";
import { openSource } from "../../runtime/agent/sources/open_source.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { ruleOf, TestAgent } from "./agent_fixture.ts";

Deno.test("an order with a range runs the highest version that is accepted", async () => {
  await using test = await TestAgent.start();
  const { fleet } = test;
  fleet.publish("1.0.0", { sequence: 1 });
  const wanted = fleet.publish("1.4.0", { sequence: 2 });
  fleet.publish("2.0.0", { sequence: 3 });
  const policy = fleet.policy.bind(fleet);
  fleet.policy = () => policy({ accept: [{ script: fleet.script, range: "<2" }] });
  await test.agent.reload();
  const { version, module } = await test.ended((await test.order()).run);
  assert.equal(version, "1.4.0");
  assert.equal(module, wanted.digest);
});

Deno.test("an order with a hash runs that module, and asks no source the second time", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const { digest } = test.fleet.publish("0.9.0");
  const script = { name: test.fleet.script, sha256: digest };
  assert.equal((await test.ended((await test.order({ script })).run)).version, "0.9.0");
  test.fleet.files.clear();
  assert.equal((await test.ended((await test.order({ script })).run)).version, "0.9.0");
});

Deno.test("an older release does not run after a newer one", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0", { sequence: 7 });
  test.fleet.publish("1.1.0", { sequence: 8 });
  await test.ended((await test.order()).run);
  const { run } = await test.order({ script: { name: test.fleet.script, range: "1.0.0" } });
  assert.equal(await ruleOf(test, run), "sequence_rollback");
});

Deno.test("an order for a script that no source has is refused", async () => {
  await using test = await TestAgent.start();
  assert.equal(await ruleOf(test, (await test.order()).run), "not_found");
  assert.equal(test.runner.started.length, 0);
});

Deno.test("a source that answers late carries no order past its time or the policy", async (t) => {
  const cases: Record<string, (test: TestAgent) => Promise<void>> = {
    expired: (test) => {
      test.now += 2 * 3_600_000;
      return Promise.resolve();
    },
    denied: (test) => {
      const policy = test.fleet.policy.bind(test.fleet);
      test.fleet.policy = () => policy({ deny: [{ script: test.fleet.script, reason: "a hole" }] });
      return test.agent.reload().then(() => {});
    },
  };
  for (const [rule, meanwhile] of Object.entries(cases)) {
    await t.step(rule, async () => {
      await using test = await TestAgent.start();
      const { fleet } = test;
      const { digest } = fleet.publish("1.0.0");
      const { name, read } = fleet.source();
      fleet.source = () => ({
        name,
        async read(path, ...bounds) {
          if (path.endsWith(hexOf(digest))) await meanwhile(test);
          return await read(path, ...bounds);
        },
      });
      await test.agent.reload();
      assert.equal(await ruleOf(test, (await test.order()).run), rule);
      assert.equal(test.runner.started.length, 0);
    });
  }
});

Deno.test("a source that gives another module changes nothing", async () => {
  await using test = await TestAgent.start();
  const { digest, module } = test.fleet.publish("1.0.0");
  const changed = module.slice();
  changed[0]! ^= 1;
  test.fleet.files.set(`v1/modules/${hexOf(digest)}`, changed);
  assert.equal(await ruleOf(test, (await test.order()).run), "module_hash");
  test.fleet.files.set(`v1/modules/${hexOf(digest)}`, module);
  const { outcome } = await test.ended((await test.order()).run);
  assert.equal(outcome?.outcome, "ok");
});

Deno.test("a cached module that was spoilt on disk is fetched again", async () => {
  await using test = await TestAgent.start();
  const { digest, module } = test.fleet.publish("1.0.0");
  await test.ended((await test.order()).run);
  const hex = hexOf(digest);
  const path = `${statePaths(test.stateDir).modules}/${hex.slice(0, 2)}/${hex}`;
  Deno.writeFileSync(path, module.map((byte) => byte ^ 1));
  const { outcome } = await test.ended((await test.order()).run);
  assert.equal(outcome?.outcome, "ok");
  assert.equal(test.runner.started.at(-1)!.javascript, new TextDecoder().decode(module));
  assert.deepEqual(Deno.readFileSync(path), module);
});

Deno.test("an agent is a source for another agent", async () => {
  await using first = await TestAgent.start();
  const { digest } = first.fleet.publish("1.0.0");
  await first.ended((await first.order()).run);
  const source = openSource(first.agent.url);
  const rules = () => Promise.resolve({ policy: first.fleet.policy(), sources: [source] });
  await using second = await TestAgent.start({ rules }, first.fleet);
  const record = await second.ended((await second.order()).run);
  assert.equal(record.outcome?.outcome, "ok");
  assert.equal(record.module, digest);
});

Deno.test("a cached manifest whose key was revoked gives way to one signed anew", async () => {
  await using test = await TestAgent.start();
  const { fleet } = test;
  const { manifest } = fleet.publish("1.0.0");
  await test.ended((await test.order()).run);
  const successor = generateSigner();
  const policy = fleet.policy.bind(fleet);
  const keys = [
    { key: fleet.publisher.publicKey, state: "revoked" as const },
    { key: successor.publicKey, state: "active" as const },
  ];
  fleet.policy = () => policy({ publishers: new Map([["acme", { keys, threshold: 1 }]]) });
  await test.agent.reload();
  assert.equal(await ruleOf(test, (await test.order()).run), "key_revoked");
  const anew = sealDocument("manifest", manifest, [successor]);
  fleet.files.set(manifestPath(fleet.script, "1.0.0"), anew);
  assert.equal((await test.ended((await test.order()).run)).outcome?.outcome, "ok");
});
