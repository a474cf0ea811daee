import assert from "node:assert/strict";
import { HUB_LIMITS } from "../../runtime/hub/mod.ts";
import { TestHub, until, WHO } from "./hub_fixture.ts";
import { testInBothStores } from "./stores.ts";

testInBothStores("the hub", {
  "removes orders and what came of them when their time is over, and keeps its audit log": async (
    database,
  ) => {
    let later = 0;
    await using hub = await TestHub.start({ database, now: () => Date.now() + later });
    hub.fleet.publish("1.0.0");
    await using machine = await hub.machine();
    await machine.enrol();
    await machine.start();
    const order = () =>
      hub.services.orders.create("acme", WHO, {
        script: { name: hub.fleet.script, range: "*" },
        ...{ select: "all" as const, expiresMs: 60_000 },
      });
    const { id } = await order();
    await until(hub, async () => (await hub.services.orders.get("acme", id)).outcomes.ok === 1);
    await machine.agent!.stop();
    later = HUB_LIMITS.KEPT_MS + 50_000;
    await hub.hub.round();
    assert.equal((await hub.services.orders.get("acme", id)).id, id, "not yet");
    later += 20_000;
    const young = await order();
    await hub.hub.round();
    await assert.rejects(hub.services.orders.get("acme", id), { code: "not_found" });
    const left = async (table: string) =>
      (await hub.services.database.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))!.n;
    assert.deepEqual(
      [await left("orders"), await left("deliveries"), await left("run_log")],
      [1, 1, 0],
    );
    assert.equal((await hub.services.orders.get("acme", young.id)).counts.queued, 1);
    const { items } = await hub.services.audit.list("acme", { action: "ordered", subject: id });
    assert.equal(items.length, 1);
  },
});
