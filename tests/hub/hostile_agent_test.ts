import assert from "node:assert/strict";
import type { HubOrder } from "../../runtime/hub/mod.ts";
import { AgentError } from "../../runtime/agent/errors.ts";
import { generateSigner, type Signer } from "../../runtime/core/key.ts";
import { PeerError, signRequest } from "../../runtime/peer/mod.ts";
import { TestHub, until, WHO } from "./hub_fixture.ts";
import { within } from "../within.ts";
import { RawAgent, type RawLink } from "./raw_agent.ts";
import { signedList } from "./signed_lists.ts";

const MINUTE = 60_000;
const EVIL = "<script>alert(1)</script>'; DROP TABLE agents; --\u202e\u0007=cmd|' /C calc'!A0";

function orderFor(hub: TestHub, agents: RawAgent[]): Promise<HubOrder> {
  return hub.services.orders.create("acme", WHO, {
    script: { name: "acme/echo", range: "*" },
    select: { agents: agents.map(({ id }) => id) },
    expiresMs: MINUTE,
  });
}

function outcomeEvent(run: number, seq: number, result: unknown = null) {
  const event = { type: "outcome", outcome: "ok", result, figures: null };
  return { run, seq, time: 1, event: JSON.stringify(event) };
}

Deno.test("agents are counted by their versions, whatever they call them", async () => {
  await using hub = await TestHub.start();
  for (const version of ["toString", "toString", "__proto__"]) {
    using agent = await RawAgent.enrolled(hub);
    using link = await agent.connect();
    await link.say({
      ...{ type: "hello", instance: crypto.randomUUID(), version },
      policy: `sha256:${"0".repeat(64)}`,
    });
    await link.say({ type: "events", order: crypto.randomUUID(), events: [], over: true });
    await link.hear("stored");
  }
  const { byVersion } = await hub.services.agents.overview("acme");
  assert.deepEqual(Object.entries(byVersion).sort(), [["__proto__", 1], ["toString", 2]]);
});

Deno.test("an agent can report nothing of an order that is another's", async () => {
  await using hub = await TestHub.start();
  using victim = await RawAgent.enrolled(hub);
  using liar = await RawAgent.enrolled(hub);
  const order = await orderFor(hub, [victim]);
  using link = await victim.connect();
  await link.hello();
  const { order: document } = await link.hear("order");
  using lying = await liar.connect();
  await lying.hello();
  await lying.say({ type: "taken", order: document, run: 1 });
  await lying.say({ type: "events", order: document, events: [outcomeEvent(1, 1)], over: true });
  await lying.hear("stored");
  assert.equal((await hub.services.orders.get("acme", order.id)).counts.sent, 1);
  assert.deepEqual((await hub.services.orders.log("acme", order.id)).items, []);
  // The control: the agent that it is for.
  await link.say({ type: "events", order: document, events: [outcomeEvent(1, 1)], over: true });
  await link.hear("stored");
  assert.equal((await hub.services.orders.get("acme", order.id)).counts.ended, 1);
});

Deno.test("an agent cannot fetch an order or a document of another's", async () => {
  await using hub = await TestHub.start();
  using victim = await RawAgent.enrolled(hub);
  using thief = await RawAgent.enrolled(hub);
  await orderFor(hub, [victim]);
  using link = await victim.connect();
  await link.hello();
  const { order } = await link.hear("order");
  assert.equal(await thief.client.get(`orders/${order}`, 100_000), undefined);
  assert.ok(await victim.client.get(`orders/${order}`, 100_000));
});

Deno.test("an agent of one tenant is nobody at another", async () => {
  await using hub = await TestHub.start();
  await hub.addTenant("other");
  using agent = await RawAgent.enrolled(hub);
  using other = agent.otherTenant("other");
  await assert.rejects(
    other.get("acceptlist", 1_000),
    (e) => e instanceof AgentError && e.code === "hub_refused",
  );
  await assert.rejects(other.connect(AbortSignal.timeout(10_000)), PeerError);
});

Deno.test("an agent that waits for approval gets no order and no list", async () => {
  await using hub = await TestHub.start();
  await using machine = await hub.machine({ approved: false });
  await machine.enrol();
  const ordering = hub.services.orders.create("acme", WHO, {
    ...{ script: { name: "acme/echo", range: "*" }, select: { agents: [machine.id] } },
    expiresMs: MINUTE,
  });
  await assert.rejects(ordering, { code: "not_found" });
  // Nor what is there for all, however it asks.
  using agent = await RawAgent.enrolled(hub, "box", false);
  using approved = await RawAgent.enrolled(hub, "other");
  await hub.services.lists.put("acme", WHO, signedList(hub, 1, null));
  const { id } = await hub.services.orders.create("acme", WHO, {
    ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: MINUTE },
  });
  const { items } = await hub.services.orders.deliveries("acme", id);
  assert.deepEqual(items.map((one) => one.agent), [approved.id]);
  using link = await agent.connect();
  await link.hello();
  assert.equal((await link.hear("standing")).standing, "pending");
  await assert.rejects(agent.client.get("acceptlist", 10_000), { code: "hub_refused" });
  // The control: the same of one that is approved.
  await hub.services.agents.approve("acme", WHO, agent.id);
  const told = await within(toldUntilApproved(link), "approved");
  assert.deepEqual(new Set(told), new Set(["standing"]));
  assert.ok(await agent.client.get("acceptlist", 10_000));
});

/** The types of what the hub says until it has approved the agent. */
async function toldUntilApproved({ socket }: RawLink): Promise<string[]> {
  const told: string[] = [];
  for await (const message of socket.messages) {
    const { type, standing } = JSON.parse(String(message));
    told.push(type);
    if (standing === "approved") return told;
  }
  throw new Error("the hub ended before it had approved the agent");
}

Deno.test("what an agent calls itself and its facts come out as the text they are", async () => {
  await using hub = await TestHub.start();
  using agent = await RawAgent.enrolled(hub, EVIL);
  using link = await agent.connect();
  await link.hello();
  await link.say({ type: "facts", facts: [{ name: "os", value: EVIL }] });
  const found = await until(hub, async () => {
    const detail = await hub.services.agents.get("acme", agent.id);
    return detail.facts.length === 1 && detail;
  });
  assert.equal(found.facts[0]!.value, EVIL);
  // Nothing in a name turns the text around it, or rings.
  assert.equal(found.name, EVIL.replaceAll("\u202e", "").replaceAll("\u0007", "").slice(0, 64));
  const { items } = await hub.services.agents.list("acme", { search: "%' OR 1=1 --" });
  assert.deepEqual(items, []);
});

Deno.test("an agent that reports without end fills nothing", async () => {
  await using hub = await TestHub.start();
  using agent = await RawAgent.enrolled(hub);
  const order = await orderFor(hub, [agent]);
  using link = await agent.connect();
  await link.hello();
  const { order: document } = await link.hear("order");
  const line = JSON.stringify({ type: "log", level: "info", text: "x" });
  for (let run = 1; run <= 110; run++) {
    const events = Array.from(
      { length: 100 },
      (_, i) => ({ run, seq: i + 1, time: 1, event: line }),
    );
    // That each run ended is no way around the bound.
    events.push(outcomeEvent(run, events.length + 1));
    events.shift();
    await link.say({ type: "events", order: document, events, over: false });
    await link.hear("stored");
  }
  const { count } = (await hub.services.database.get<{ count: number }>(
    "SELECT count(*) AS count FROM run_log WHERE tenant = ?1 AND order_id = ?2",
    ["acme", order.id],
  ))!;
  assert.equal(count, 10_000);
});

Deno.test("an event of a run that is none ends the connection and is not stored", async () => {
  await using hub = await TestHub.start();
  using agent = await RawAgent.enrolled(hub);
  const order = await orderFor(hub, [agent]);
  using link = await agent.connect();
  await link.hello();
  const { order: document } = await link.hear("order");
  const event = JSON.stringify({ type: "outcome", outcome: "hacked", figures: null });
  const events = [{ run: 1, seq: 1, time: 1, event }];
  await link.say({ type: "events", order: document, events, over: true });
  const end = await link.closed;
  assert.deepEqual(end.kind === "closed" && end.code, 4000);
  assert.equal((await hub.services.orders.get("acme", order.id)).counts.ended, 0);
});

Deno.test("two machines with one key are reported, a machine that started again is not", async () => {
  await using hub = await TestHub.start();
  using agent = await RawAgent.enrolled(hub);
  const seen = async (instance: string) => {
    using link = await agent.connect();
    await link.hello(instance);
    // What it says next is done after the hello.
    await link.say({ type: "events", order: crypto.randomUUID(), events: [], over: true });
    await link.hear("stored");
    return (await hub.services.agents.get("acme", agent.id)).warning;
  };
  const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];
  assert.equal(await seen(one), null);
  assert.equal(await seen(one), null, "the same start, a new connection");
  assert.equal(await seen(other), null, "started again");
  assert.equal(await seen(one), "two machines use its key");
  await seen(other);
  const { items } = await hub.services.audit.list("acme", { action: "agent_cloned" });
  assert.equal(items.length, 1, "said once");
});

Deno.test("an agent that is revoked is cut off, and stays out", async () => {
  await using hub = await TestHub.start();
  using agent = await RawAgent.enrolled(hub);
  using link = await agent.connect();
  await link.hear("standing");
  await hub.services.agents.revoke("acme", WHO, agent.id, "lost");
  const end = await link.closed;
  assert.deepEqual(end.kind === "closed" && end.code, 4003);
  // It is told so, and nothing else.
  using again = await agent.connect();
  const refused = await again.closed;
  const told: unknown[] = [];
  for await (const message of again.socket.messages) told.push(message);
  assert.deepEqual([refused.kind === "closed" && refused.code, told], [4003, []]);
  const { presence } = await hub.services.agents.get("acme", agent.id);
  assert.equal(presence.state, "offline");
  await assert.rejects(agent.client.get("acceptlist", 1_000), { code: "hub_refused" });
});

Deno.test("an agent that refuses documents without end fills no audit log", async () => {
  await using hub = await TestHub.start();
  using agent = await RawAgent.enrolled(hub);
  using link = await agent.connect();
  for (let i = 0; i < 20; i++) {
    await link.say({ type: "document_refused", kind: "root", code: i % 2 ? "one" : "other" });
  }
  // What it says next is done after that.
  await link.say({ type: "events", order: crypto.randomUUID(), events: [], over: true });
  await link.hear("stored");
  const { items } = await hub.services.audit.list("acme", { action: "document_refused" });
  assert.equal(items.length, 1);
  assert.match((await hub.services.agents.get("acme", agent.id)).warning!, /root: one$/);
});

Deno.test("what an agent says that waits for approval is not kept, but what it is", async () => {
  await using hub = await TestHub.start();
  using agent = await RawAgent.enrolled(hub, "box", false);
  using link = await agent.connect();
  const script = { script: "acme/echo", at: 1, data: 1 };
  const note = { type: "trap", name: "paper_jam", ...script };
  const refusal = { type: "document_refused", kind: "root", code: "expired" };
  const tell = async () => {
    await link.say(note);
    await link.say(refusal);
    await link.say({ type: "facts", facts: [{ name: "os", value: crypto.randomUUID() }] });
  };
  const facts = async () => (await hub.services.agents.get("acme", agent.id)).facts;
  const kept = async () => [
    (await hub.services.scriptEvents.list("acme", agent.id)).items.length,
    (await hub.services.audit.list("acme", { action: "document_refused" })).items.length,
  ];
  await link.hello();
  await tell();
  const [first] = await until(hub, async () => (await facts()).length === 1 && await facts());
  assert.deepEqual(await kept(), [0, 0]);
  // The control: the same words of one that was approved.
  await hub.services.agents.approve("acme", WHO, agent.id, {});
  while ((await link.hear("standing")).standing !== "approved");
  await link.say({ ...refusal, code: "threshold" });
  await tell();
  await until(hub, async () => (await facts())[0]!.value !== first!.value);
  assert.deepEqual(await kept(), [1, 1]);
});

Deno.test("strangers take none of the room that agents' calls have", async () => {
  await using hub = await TestHub.start();
  using agent = await RawAgent.enrolled(hub);
  const { url, id: recipient } = hub.hub;
  const path = `${url}/agents/v1/acme`;
  const call = (signer: Signer, rest: string) => {
    const request = { method: "GET", url: `${path}/${rest}`, headers: new Headers() };
    signRequest(request, { signer, recipient, now: Date.now() });
    return () => fetch(request.url, { headers: request.headers });
  };
  const status = async (ask: () => Promise<Response>) => {
    const answer = await ask();
    await answer.body?.cancel();
    return answer.status;
  };
  const ofStranger = call(generateSigner(), "roots?after=0");
  assert.deepEqual([await status(ofStranger), await status(ofStranger)], [200, 200]);
  // The control: an agent's call is answered once.
  const ofAgent = call(agent.signer, "source/v1/manifests/acme/echo/index.json");
  assert.deepEqual([await status(ofAgent), await status(ofAgent)], [404, 409]);
});
