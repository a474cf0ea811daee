import assert from "node:assert/strict";
import type { HubOrder } from "../../runtime/hub/mod.ts";
import { parseEnrolToken } from "../../runtime/agent/hub_link/enrol_token.ts";
import { TestHub, until, WHO } from "./hub_fixture.ts";
import { RawAgent, type RawLink } from "./raw_agent.ts";
import { testInBothStores } from "./stores.ts";

function orderFor(hub: TestHub, agents: RawAgent[]): Promise<HubOrder> {
  return hub.services.orders.create("acme", WHO, {
    script: { name: "acme/echo", range: "*" },
    select: { agents: agents.map(({ id }) => id) },
    expiresMs: 60_000,
  });
}

/** Reports how a run ended, and that nothing more will happen; resolves when the hub has it. */
async function report(link: RawLink, order: string, seq: number, outcome: string): Promise<void> {
  const event = JSON.stringify({ type: "outcome", outcome, figures: null });
  const events = [{ run: 1, seq, time: 1, event }];
  await link.say({ type: "events", order, events, over: true });
  await link.hear("stored");
}

testInBothStores("an order", {
  "that was cancelled is not sent again to who had not acknowledged it": async (database) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub);
    const { id } = await orderFor(hub, [agent]);
    let cancelled: string;
    {
      using link = await agent.connect();
      await link.hello();
      cancelled = (await link.hear("order")).order;
      await hub.services.orders.cancel("acme", WHO, id);
      assert.equal((await link.hear("cancel")).order, cancelled);
    }
    using link = await agent.connect();
    await link.hello();
    // What waits goes out before what is cancelled is said.
    const next = await orderFor(hub, [agent]);
    const { order } = await link.hear("order");
    assert.notEqual(order, cancelled);
    assert.equal((await hub.services.orders.get("acme", next.id)).counts.sent, 1);
  },
  "that is over stays as it was, whatever its agent says later": async (database) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub);
    const { id } = await orderFor(hub, [agent]);
    using link = await agent.connect();
    await link.hello();
    const { order } = await link.hear("order");
    await report(link, order, 1, "ok");
    await report(link, order, 2, "script_error");
    assert.deepEqual((await hub.services.orders.get("acme", id)).outcomes, { ok: 1 });
    assert.equal((await hub.services.orders.log("acme", id)).items.length, 1);
  },
  "of a revoked agent is cancelled wherever it stands": async (database) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub);
    const { id } = await orderFor(hub, [agent]);
    using link = await agent.connect();
    await link.hello();
    const { order } = await link.hear("order");
    await link.say({ type: "taken", order, run: 1 });
    await until(hub, async () => (await hub.services.orders.get("acme", id)).counts.taken === 1);
    await hub.services.agents.revoke("acme", WHO, agent.id, "lost");
    const { items: [delivery] } = await hub.services.orders.deliveries("acme", id);
    assert.deepEqual([delivery!.state, delivery!.refusal], ["cancelled", "agent_revoked"]);
  },
});

Deno.test("an order with the key of an earlier one is refused, and not told as run", async () => {
  await using hub = await TestHub.start();
  hub.fleet.publish("1.0.0");
  await using machine = await hub.machine();
  await machine.enrol();
  await machine.start();
  const order = async () => {
    const { id } = await hub.services.orders.create("acme", WHO, {
      ...{ script: { name: hub.fleet.script, range: "*" }, select: "all", expiresMs: 60_000 },
      idempotencyKey: "once",
    });
    return await until(hub, async () => {
      const { items: [delivery] } = await hub.services.orders.deliveries("acme", id);
      return ["ended", "refused"].includes(delivery!.state) && delivery!;
    });
  };
  assert.equal((await order()).outcome?.outcome, "ok");
  assert.equal((await order()).refusal, "known_idempotency_key");
  assert.equal(machine.runner.started.length, 1);
});

testInBothStores("enrolling", {
  "in another's place ends the other's connection": async (database) => {
    await using hub = await TestHub.start({ database });
    using old = await RawAgent.enrolled(hub);
    using link = await old.connect();
    await link.hear("standing");
    await using machine = await hub.machine({ replaces: old.id });
    await machine.enrol();
    const end = await link.closed;
    assert.deepEqual([end.kind, end.kind === "closed" && end.code], ["closed", 4003]);
  },
  "with a second token approves by the word of who made it, and gives its labels": async (
    database,
  ) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub, "box", false);
    const spend = async (replaces?: RawAgent["id"]) => {
      const { enrolment } = hub.services;
      const options = { expiresMs: 60_000, approved: true, labels: ["payroll"] };
      const { token } = await enrolment.create("acme", WHO, {
        ...options,
        ...(replaces && { replaces }),
      });
      const { secret } = parseEnrolToken(token);
      return await enrolment.enrol("acme", { secret, key: agent.signer.publicKey, name: "box" });
    };
    assert.deepEqual(await spend(), { standing: "approved", labels: ["payroll"] });
    assert.deepEqual((await hub.services.agents.get("acme", agent.id)).labels, ["payroll"]);
    const { items } = await hub.services.audit.list("acme", { action: "agent_approved" });
    assert.deepEqual(items.map(({ who, subject }) => [who, subject]), [[WHO, agent.id]]);
    using other = await RawAgent.enrolled(hub);
    await assert.rejects(spend(other.id), { code: "conflict" });
  },
});
