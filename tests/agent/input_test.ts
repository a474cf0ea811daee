import assert from "node:assert/strict";
import { TestAgent } from "./agent_fixture.ts";

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
