import assert from "node:assert/strict";
import { InputChecker } from "../../runtime/agent/runs/input_checker.ts";
import { InputThread } from "../../runtime/agent/runs/input_thread.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { TestAgent } from "./agent_fixture.ts";
import { TestFleet } from "./fixture.ts";

Deno.test("an input that its script's schema does not want is refused before anything runs", async (t) => {
  const cases: Record<string, [inputSchema: Record<string, unknown>, rule: string]> = {
    "too many copies": [{ properties: { copies: { maximum: 99 } } }, "input"],
    "a pattern that only a slow engine knows": [{ pattern: "(?=a)" }, "input_schema"],
    "a keyword nobody knows": [{ propertys: {} }, "input_schema"],
  };
  for (const [name, [inputSchema, rule]] of Object.entries(cases)) {
    await t.step(name, async () => {
      await using test = await TestAgent.start();
      test.fleet.publish("1.0.0", { inputSchema });
      const { outcome, started } = await test.ended(
        (await test.order({ input: { copies: 100 } })).run,
      );
      assert.equal(outcome?.outcome === "refused" && outcome.detail.rule, rule);
      assert.equal(started, null);
      assert.deepEqual(test.runner.started, []);
    });
  }
});

Deno.test("an input that its script's schema wants reaches the script as it is", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0", { inputSchema: { properties: { copies: { maximum: 99 } } } });
  for (const copies of [99, 1]) {
    await test.ended((await test.order({ input: { copies } })).run);
  }
  assert.deepEqual(test.runner.started.map(({ input }) => input), [{ copies: 99 }, { copies: 1 }]);
});

Deno.test("InputChecker.require() leaves to the thread what may hold the agent up", async (t) => {
  const { manifest } = new TestFleet().publish("1.0.0");
  const long = "a".repeat(32 << 10);
  const cases: Record<
    string,
    [inputSchema: Record<string, unknown>, input: unknown, far: boolean]
  > = {
    "a short input and no pattern": [{ type: "string" }, long.slice(2), false],
    "a long input": [{ type: "string" }, long, true],
    "a pattern": [{ pattern: "a" }, "a", true],
    "a pattern of keys": [{ items: { patternProperties: { a: true } } }, [], true],
    "a schema that cannot be used": [{ pattern: 1 }, "a", false],
  };
  for (const [name, [inputSchema, input, far]] of Object.entries(cases)) {
    await t.step(name, async () => {
      let asked = 0;
      const require = () => Promise.resolve(void asked++);
      const checker = new InputChecker({ require, [Symbol.dispose]() {} });
      const digest = digestOf(new TextEncoder().encode(name));
      for (let i = 0; i < 2; i++) {
        await checker.require(input, { manifest: { ...manifest, inputSchema }, digest })
          .catch(({ code }) => assert.equal(code, "input_schema"));
      }
      assert.equal(asked, far ? 2 : 0);
    });
  }
});

Deno.test("InputThread.require() reads a schema once, and says what it says of itself", async () => {
  using thread = new InputThread();
  const digest = digestOf(new Uint8Array());
  const ask = (input: unknown, schema: Record<string, unknown> = { pattern: "^a+$" }) =>
    thread.require({ digest, schema, input });
  await Promise.all([ask("a"), ask("aa")]);
  await assert.rejects(ask("b"), { name: "VerificationError", code: "input" });
  // By its digest it is known already.
  await ask("a", { pattern: "b" });
  const other = digestOf(new Uint8Array(1));
  await assert.rejects(
    thread.require({ digest: other, schema: { pattern: "(?=a)" }, input: "a" }),
    { name: "VerificationError", code: "input_schema" },
  );
});

Deno.test("InputThread ends when it was idle for a while, and starts again", async () => {
  using thread = new InputThread({ idleMs: 1 });
  const question = { digest: digestOf(new Uint8Array()), schema: {}, input: 1 };
  for (let i = 0; i < 2; i++) {
    await thread.require(question);
    while (thread.alive) await new Promise((resolve) => setTimeout(resolve, 1));
  }
});

Deno.test("InputThread tells whoever waits that the agent stops, and whoever comes after", async () => {
  const thread = new InputThread();
  const question = { digest: digestOf(new Uint8Array()), schema: {}, input: 1 };
  const waiting = assert.rejects(thread.require(question), /stops/);
  thread[Symbol.dispose]();
  await waiting;
  await assert.rejects(thread.require(question), /stops/);
  assert.equal(thread.alive, false);
});
