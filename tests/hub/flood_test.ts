import assert from "node:assert/strict";
import { Allowance, Allowances } from "../../runtime/hub/link/allowances.ts";
import { HUB_LIMITS } from "../../runtime/hub/mod.ts";
import { TestHub, until } from "./hub_fixture.ts";
import { RawAgent, type RawLink } from "./raw_agent.ts";

const { LINK_MESSAGES, LINK_MESSAGES_PER_SECOND, LINK_MESSAGE_COST, LINK_UNREAD } = HUB_LIMITS;
const { PENDING_MESSAGE_COST, SAME_FACTS_MS } = HUB_LIMITS;
const NOTE = { script: "acme/echo", name: "toner", at: 1, data: 1 };
/** What takes the hub a transaction each. */
const KINDS: Readonly<Record<string, () => unknown>> = {
  hello: () => ({
    ...{ type: "hello", instance: crypto.randomUUID(), version: "0.1.0" },
    policy: `sha256:${"0".repeat(64)}`,
  }),
  facts: () => ({ type: "facts", facts: [{ name: "os", value: "linux" }] }),
  inform: () => ({ type: "inform", id: crypto.randomUUID(), ...NOTE }),
  trap: () => ({ type: "trap", ...NOTE }),
  events: () => ({ type: "events", order: crypto.randomUUID(), events: [], over: true }),
};

/** As much as an agent may say at once. */
async function drain(link: RawLink): Promise<void> {
  for (let i = 0; i < LINK_MESSAGES; i++) await link.say({ type: "alive" });
}

Deno.test("the hub cuts off an agent that floods it, and no other", async (t) => {
  await using hub = await TestHub.start();
  using other = await RawAgent.enrolled(hub, "other");
  using quiet = await other.connect();
  for (const [kind, message] of Object.entries(KINDS)) {
    await t.step(`with ${kind}`, async () => {
      using agent = await RawAgent.enrolled(hub, kind);
      using link = await agent.connect();
      await drain(link);
      const flood = async () => {
        for (let i = 0; i < 4 * LINK_UNREAD; i++) await link.say(message());
      };
      // Where the connection ends meanwhile, what is left cannot be sent.
      const sent = flood().catch(() => {});
      const end = await link.closed;
      await sent;
      assert.deepEqual(end.kind === "closed" && [end.code, end.reason], [
        4008,
        "it said more than an agent may",
      ]);
    });
  }
  await t.step("while another is answered", async () => {
    await quiet.say(KINDS.inform!());
    await quiet.hear("informed");
  });
});

Deno.test("the hub keeps only so much for an agent that reads nothing, and cuts it off", async () => {
  await using hub = await TestHub.start();
  using agent = await RawAgent.enrolled(hub);
  const room = { messageBytes: 128 << 10, queueBytes: 256 << 10 };
  using link = await agent.connectAfter(() => Promise.resolve(), room);
  await until(hub, async () => (await hub.services.agents.get("acme", agent.id)).presence.since);
  for (let i = 0; i < 16; i++) {
    await hub.services.orders.create("acme", "user:ada", {
      ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: 60_000 },
      input: "x".repeat(40_000),
    });
  }
  const end = await link.closed;
  assert.equal(end.kind === "closed" && end.code, 4008);
});

Deno.test("the hub goes on with an agent that says as much and waits for its answers", async () => {
  await using hub = await TestHub.start();
  using agent = await RawAgent.enrolled(hub);
  using link = await agent.connect();
  await drain(link);
  for (let i = 0; i < 20; i++) {
    await link.say(KINDS.inform!());
    await link.hear("informed");
  }
  assert.equal((await hub.services.scriptEvents.list("acme", agent.id)).items.length, 20);
});

Deno.test("Allowance.take() has an agent wait when it has said too much", () => {
  const allowance = new Allowance(0);
  const burst = Array.from({ length: LINK_MESSAGES }, () => allowance.take(0, true, 0));
  assert.ok(burst.every((waitMs) => waitMs === 0));
  const waitMs = 1000 / LINK_MESSAGES_PER_SECOND;
  assert.equal(allowance.take(0, true, 0), waitMs);
  assert.equal(
    allowance.take(0, true, waitMs),
    waitMs,
    "what was owed has come back, and is taken",
  );
  assert.equal(
    allowance.take(LINK_MESSAGE_COST, true, 2 * waitMs),
    2 * waitMs,
    "a long one is two",
  );
});

Deno.test("Allowance.take() hears little of an agent that waits for approval", () => {
  const allowance = new Allowance(0);
  const few = LINK_MESSAGES / PENDING_MESSAGE_COST;
  const burst = Array.from({ length: few }, () => allowance.take(0, false, 0));
  assert.ok(burst.every((waitMs) => waitMs === 0));
  const second = 1000 * PENDING_MESSAGE_COST / LINK_MESSAGES_PER_SECOND;
  assert.equal(allowance.take(0, false, 0), second);
});

Deno.test("the hub writes facts again only when they are others, or a minute later", async () => {
  let now = Date.now();
  await using hub = await TestHub.start({ now: () => now });
  using agent = await RawAgent.enrolled(hub);
  using link = await agent.connect();
  const told = async (value: string) => {
    await link.say({ type: "facts", facts: [{ name: "os", value }] });
    // What is said after it is answered after it.
    await link.say(KINDS.inform!());
    await link.hear("informed");
    const { facts: [fact] } = await hub.services.agents.get("acme", agent.id);
    return [fact!.value, fact!.at];
  };
  const first = now;
  assert.deepEqual(await told("linux"), ["linux", first]);
  now += SAME_FACTS_MS - 1;
  assert.deepEqual(await told("linux"), ["linux", first]);
  assert.deepEqual(await told("other"), ["other", now]);
  now += SAME_FACTS_MS;
  assert.deepEqual(await told("other"), ["other", now]);
});

Deno.test("Allowances.of() gives an agent that connects again no new allowance", () => {
  const allowances = new Allowances();
  assert.equal(allowances.of("acme a"), allowances.of("acme a"));
  assert.notEqual(allowances.of("acme a"), allowances.of("acme b"));
});
