import assert from "node:assert/strict";
import { TestHub, until } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";

/** What ends the connection of whoever says it. */
const NONSENSE: Readonly<Record<string, unknown>> = {
  "no JSON": "{",
  "a type that is no word": { type: "approve me", agent: "me" },
  "no type": { agent: "me" },
  "a type of nobody's, nested 100,000 deep": `{"type":"approve","of":${
    "[".repeat(100_000) + "]".repeat(100_000)
  }}`,
  "JSON nested 100,000 deep": "[".repeat(100_000) + "]".repeat(100_000),
  "an order's id that is a path": {
    type: "taken",
    order: "../../../etc/passwd-000000000000000",
    run: 1,
  },
  "a moment that no clock shows": {
    ...{ type: "events", order: crypto.randomUUID(), over: false },
    events: [{ run: 1, seq: 1, time: 8.64e15 + 1, event: '{"type":"state","state":"running"}' }],
  },
  "a run below one": { type: "taken", order: crypto.randomUUID(), run: 0 },
  "a run beyond all numbers": `{"type":"taken","order":"${crypto.randomUUID()}","run":1e999}`,
  "200 facts": {
    type: "facts",
    facts: Array.from({ length: 200 }, (_, i) => ({ name: `f${i}`, value: 1 })),
  },
  "a fact named __proto__": { type: "facts", facts: [{ name: "__proto__", value: 1 }] },
};

Deno.test("the hub ends the connection of an agent that says what no agent says", async (t) => {
  await using hub = await TestHub.start();
  using agent = await RawAgent.enrolled(hub);
  for (const [name, message] of Object.entries(NONSENSE)) {
    await t.step(name, async () => {
      using link = await agent.connect();
      await link.hear("standing");
      await link.say(message);
      const end = await link.closed;
      assert.deepEqual(end.kind === "closed" && [end.by, end.code], ["peer", 4000]);
    });
  }
  using control = await agent.connect();
  await control.hello();
  await control.say({ type: "facts", facts: [{ name: "fine", value: 1 }] });
  await until(
    hub,
    async () => (await hub.services.agents.get("acme", agent.id)).facts.length === 1,
  );
});
