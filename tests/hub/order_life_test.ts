import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import { HubError, type HubOrder } from "../../runtime/hub/mod.ts";
import { forAnHour, TestHub, type TestMachine, until, WHO } from "./hub_fixture.ts";
import { testInBothStores } from "./stores.ts";

const MINUTE = 60_000;

/** A hub with a published script, and an agent that is enrolled and not yet started. */
async function stage(database: string): Promise<{ hub: TestHub; machine: TestMachine }> {
  const hub = await TestHub.start({ database });
  hub.fleet.publish("1.0.0");
  const machine = await hub.machine({ labels: ["office"] });
  await machine.enrol();
  return { hub, machine };
}

function orderAll(hub: TestHub, change: object = {}): Promise<HubOrder> {
  return hub.services.orders.create("acme", WHO, {
    ...{ script: { name: hub.fleet.script, range: "*" }, select: "all", expiresMs: MINUTE },
    ...change,
  });
}

/** The order, once it is where it should be with that many agents. */
function reached(hub: TestHub, id: string, state: keyof HubOrder["counts"], count = 1) {
  return until(hub, async () => {
    const order = await hub.services.orders.get("acme", id);
    return order.counts[state] === count && order;
  });
}

testInBothStores("an order", {
  "waits for an agent that is off, and runs once when it is there": async (database) => {
    const { hub, machine } = await stage(database);
    await using _hub = hub;
    await using _machine = machine;
    const { id, counts } = await orderAll(hub, { input: 1 });
    assert.equal(counts.queued, 1);
    await machine.start();
    const done = await reached(hub, id, "ended");
    assert.deepEqual(done.outcomes, { ok: 1 });
    assert.equal(machine.runner.started.length, 1);
  },
  "that was sent and not acknowledged is sent again, and runs once": async (database) => {
    const { hub, machine } = await stage(database);
    await using _hub = hub;
    await using _machine = machine;
    const { id } = await orderAll(hub);
    // The first connection took it and was cut before it could say so.
    await hub.services.database.run("UPDATE deliveries SET state = 'sent', lease = 0");
    await machine.start();
    await reached(hub, id, "ended");
    const sql =
      "UPDATE deliveries SET state = 'sent', lease = 0, reported_run = 0, reported_seq = 0";
    await hub.services.database.run(sql);
    await machine.restart();
    const { items: [delivery] } = await until(hub, async () => {
      const page = await hub.services.orders.deliveries("acme", id);
      return page.items[0]!.state === "ended" && page;
    });
    assert.deepEqual([delivery!.run, delivery!.outcome!.outcome], [1, "ok"]);
    assert.equal(machine.runner.started.length, 1);
  },
  "reaches an agent over a hub that was started again": async (database) => {
    const { hub, machine } = await stage(database);
    await using _hub = hub;
    await using _machine = machine;
    const { id } = await orderAll(hub);
    await hub.hub.stop();
    await machine.start();
    await hub.start();
    await reached(hub, id, "ended");
  },
  "expires for an agent that does not come": async (database) => {
    let later = 0;
    await using hub = await TestHub.start({ database, now: () => Date.now() + later });
    await using machine = await hub.machine();
    await machine.enrol();
    const { id } = await orderAll(hub, { expiresMs: 1_000 });
    later = 2_000;
    await hub.hub.round();
    assert.equal((await hub.services.orders.get("acme", id)).counts.expired, 1);
  },
  "that is cancelled is taken from agents that have not got it": async (database) => {
    const { hub, machine } = await stage(database);
    await using _hub = hub;
    await using _machine = machine;
    const { id } = await orderAll(hub);
    const cancelled = await hub.services.orders.cancel("acme", WHO, id);
    assert.equal(cancelled.counts.cancelled, 1);
    await machine.start();
    await until(hub, async () => {
      const { presence } = await hub.services.agents.get("acme", machine.id);
      return presence.state === "online";
    });
    // What is ordered after it reaches the agent after it.
    const next = await orderAll(hub);
    await reached(hub, next.id, "ended");
    assert.equal(machine.runner.started.length, 1);
    assert.equal((await hub.services.orders.get("acme", id)).counts.cancelled, 1);
  },
  "that is cancelled ends where it runs": async (database) => {
    const { hub, machine } = await stage(database);
    await using _hub = hub;
    await using _machine = machine;
    machine.runner.hang();
    await machine.start();
    const { id } = await orderAll(hub);
    await reached(hub, id, "running");
    await until(hub, () => Promise.resolve(machine.runner.started.length === 1));
    await hub.services.orders.cancel("acme", WHO, id);
    const done = await reached(hub, id, "ended");
    assert.deepEqual(done.outcomes, { cancelled: 1 });
  },
  "that one agent hangs on holds up no other order": async (database) => {
    const { hub, machine } = await stage(database);
    await using _hub = hub;
    await using _machine = machine;
    const hang = machine.runner.answer;
    machine.runner.answer = (request) =>
      request.input === "stuck"
        ? new Promise((resolve) =>
          request.signal?.addEventListener(
            "abort",
            () => resolve({ outcome: "cancelled", detail: { reason: "stopped" } }),
          )
        )
        : hang(request);
    await machine.start();
    const stuck = await orderAll(hub, { input: "stuck" });
    await reached(hub, stuck.id, "running");
    const next = await orderAll(hub, { input: "quick" });
    await reached(hub, next.id, "ended");
    assert.equal((await hub.services.orders.get("acme", stuck.id)).counts.running, 1);
  },
  "brings its documents to the agent": async (database) => {
    const { hub, machine } = await stage(database);
    await using _hub = hub;
    await using _machine = machine;
    const bytes = new TextEncoder().encode("a letter".repeat(300_000));
    const sha256 = digestOf(bytes);
    await hub.services.content.put("acme", sha256, ReadableStream.from([bytes]));
    let read: Uint8Array | undefined;
    machine.runner.answer = async ({ attachments }) => {
      const [letter] = attachments ?? [];
      read = await letter!.read(0, 16);
      return { outcome: "ok", result: letter!.length };
    };
    await machine.start();
    const attachments = [{ name: "letter.txt", sha256, length: bytes.length }];
    const { id } = await orderAll(hub, { attachments });
    await reached(hub, id, "ended");
    const { items: [delivery] } = await hub.services.orders.deliveries("acme", id);
    assert.deepEqual(delivery!.outcome, { outcome: "ok", result: bytes.length });
    assert.deepEqual(read, bytes.subarray(0, 16));
  },
  "is refused whose documents were not uploaded": async (database) => {
    const { hub, machine } = await stage(database);
    await using _hub = hub;
    await using _machine = machine;
    const missing = { name: "x", sha256: digestOf(new Uint8Array(1)), length: 1 };
    await assert.rejects(
      orderAll(hub, { attachments: [missing] }),
      (e) => e instanceof HubError && e.code === "attachment_missing",
    );
  },
  "that the agent's rules refuse says by which rule": async (database) => {
    const { hub, machine } = await stage(database);
    await using _hub = hub;
    await using _machine = machine;
    await machine.start();
    const { id } = await orderAll(hub, { script: { name: "acme/other", range: "*" } });
    await reached(hub, id, "refused");
    const { items: [delivery] } = await hub.services.orders.deliveries("acme", id);
    assert.equal(delivery!.refusal, "no_grant");
  },
  "that repeats reports each of its runs": async (database) => {
    const { hub, machine } = await stage(database);
    await using _hub = hub;
    await using _machine = machine;
    await machine.start();
    const { issued } = forAnHour();
    const schedule = { at: issued, repeat: { everyMs: MINUTE } };
    const { id } = await orderAll(hub, { schedule, expiresMs: 10 * MINUTE });
    const done = await until(hub, async () => {
      const order = await hub.services.orders.get("acme", id);
      return order.outcomes.ok === 1 && order;
    });
    // Its next time is still to come.
    assert.equal(done.counts.running, 1);
  },
  "of the hub's own key is refused where the root does not name it": async (database) => {
    const { hub, machine } = await stage(database);
    await using _hub = hub;
    await using _machine = machine;
    await hub.addTenant("other", { orderers: {} });
    const ordering = hub.services.orders.create("other", WHO, {
      ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: MINUTE },
    });
    await assert.rejects(ordering, (e) => e instanceof HubError && e.code === "no_orderer_key");
  },
});
