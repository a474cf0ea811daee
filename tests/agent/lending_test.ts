import assert from "node:assert/strict";
import { sandboxRunner } from "../../runtime/agent/cells/sandbox_runner.ts";
import type { Grant } from "../../runtime/core/documents/grant.ts";
import { TestAgent } from "./agent_fixture.ts";
import { instant, NOON, TestFleet } from "./fixture.ts";

/** A fleet whose script does what its input says with what it is lent. */
function fleetOf(capabilities: Grant["capabilities"], body: string): TestFleet {
  const fleet = new TestFleet();
  const policy = fleet.policy.bind(fleet);
  fleet.policy = (change = {}) => {
    const grant = fleet.grant({ ...(capabilities && { capabilities }) });
    return policy({ grants: new Map([[fleet.script, grant]]), ...change });
  };
  fleet.publish("1.0.0", {}, `export default { async run(input, ctx) { ${body} } };`);
  return fleet;
}

async function start(fleet: TestFleet): Promise<TestAgent> {
  return await TestAgent.start({ runner: sandboxRunner() }, fleet);
}

/** Orders a run and answers its result. */
async function resultOf(test: TestAgent, input: unknown): Promise<unknown> {
  const { run } = await test.order({ input });
  const { outcome } = await test.ended(run);
  assert.equal(outcome?.outcome, "ok", JSON.stringify(outcome));
  return (outcome as { result: unknown }).result;
}

Deno.test("a script finds in its next run what it stored in the last", async () => {
  const fleet = fleetOf(
    { store: {}, blobs: {} },
    `if (input.put) {
       await ctx.store.set("greeting", { text: input.put });
       await ctx.store.add("count", 2);
       const { sha256 } = await ctx.blobs.put("x".repeat(300_000));
       return sha256;
     }
     const blob = await ctx.blobs.get(input.sha256);
     return [await ctx.store.get("greeting"), await ctx.store.list(), (await blob.bytes()).length];`,
  );
  await using test = await start(fleet);
  const sha256 = await resultOf(test, { put: "hello" });
  assert.deepEqual(await resultOf(test, { sha256 }), [
    { text: "hello" },
    [{ key: "count", value: 2 }, { key: "greeting", value: { text: "hello" } }],
    300_000,
  ]);
});

Deno.test("a script sees nothing that its grant does not lend", async () => {
  const fleet = fleetOf(
    undefined,
    "return [ctx.store, ctx.blobs, ctx.dir, ctx.peers].map((x) => x === undefined);",
  );
  await using test = await start(fleet);
  assert.deepEqual(await resultOf(test, {}), [true, true, true, true]);
});

Deno.test("a script that passes its quota is told so and may go on", async () => {
  const fleet = fleetOf(
    { store: { quotaBytes: 1_000 } },
    `try {
       await ctx.store.set("a", "x".repeat(1_000));
     } catch (error) {
       return [error.name, error.code];
     }`,
  );
  await using test = await start(fleet);
  assert.deepEqual(await resultOf(test, {}), ["CapabilityError", "quota"]);
});

Deno.test("a script has a directory of its own for one run, and loses it at its quota", async () => {
  const fleet = fleetOf(
    { dir: { quotaBytes: 200_000 } },
    `const { path } = ctx.dir;
     await Deno.writeTextFile(path + "/a", "hello");
     if (input.fill) {
       for (let n = 0; ; n++) {
         await Deno.writeFile(path + "/" + n, new Uint8Array(50_000));
         await new Promise((resolve) => setTimeout(resolve, 10));
       }
     }
     const outside = await Deno.readDir(path + "/..")[Symbol.asyncIterator]().next().catch((e) => e.name);
     return [path, await Deno.readTextFile(path + "/a"), outside];`,
  );
  await using test = await start(fleet);
  const [path, text, outside] = await resultOf(test, {}) as string[];
  assert.deepEqual([text, outside], ["hello", "NotCapable"]);
  const { run } = await test.order({ input: { fill: true } });
  assert.equal((await test.ended(run)).outcome?.outcome, "cancelled");
  const folder = path!.slice(0, path!.lastIndexOf("/"));
  await test.agent.stop();
  assert.deepEqual([...Deno.readDirSync(folder)], [], "and nothing stays behind");
  Deno.removeSync(folder.slice(0, folder.lastIndexOf("/")), { recursive: true });
});

Deno.test("a script wakes itself, once for a key, under the word for scripts", async () => {
  const fleet = fleetOf(
    { store: {} },
    `if (input.woken) return ctx.store.add("woken " + input.woken).then(() => ctx.run.orderer);
     for (const woken of ["first", "second"]) {
       await ctx.schedule(${NOON + 60_000}, { woken }, { key: "k" });
     }
     await ctx.schedule(${NOON + 60_000}, { woken: "gone" }, { key: "gone" });
     return [await ctx.unschedule("gone"), await ctx.unschedule("gone")];`,
  );
  await using test = await start(fleet);
  assert.deepEqual(await resultOf(test, {}), [true, false]);
  const waiting = async () =>
    (await (await test.ask("/v1/runs")).json()).runs
      .filter((run: { orderer: string }) => run.orderer === "script");
  assert.equal((await waiting()).length, 1);
  await test.agent.stop();
  test.now += 60_000;
  await test.start({ runner: sandboxRunner() });
  const [{ id }] = await waiting();
  assert.deepEqual((await test.ended(id)).outcome, { outcome: "ok", result: "script" });
  const { rows } = await (await test.ask("/v1/audit?limit=500")).json();
  const accepted = rows.map((row: { event: string; detail: string }) => row)
    .filter((row: { event: string; detail: string }) =>
      row.event === "order_accepted" && JSON.parse(row.detail).orderer === "script"
    );
  assert.equal(accepted.length, 1);
});

Deno.test("what a script scheduled does not run once it is accepted no more", async () => {
  const fleet = fleetOf({}, `await ctx.schedule(${NOON + 60_000}, {}); return 1;`);
  await using test = await start(fleet);
  const { run } = await test.order({ expires: instant(NOON + 30_000) });
  await test.ended(run);
  await test.agent.stop();
  const policy = fleet.policy.bind(fleet);
  fleet.policy = () => policy({ accept: [] });
  test.now += 60_000;
  await test.start({ runner: sandboxRunner() });
  const { outcome } = await test.ended(run + 1);
  assert.deepEqual([outcome?.outcome, (outcome as { detail: { rule: string } }).detail.rule], [
    "refused",
    "not_accepted",
  ]);
});
