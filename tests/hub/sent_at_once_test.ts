import assert from "node:assert/strict";
import { HUB_LIMITS } from "../../runtime/hub/mod.ts";
import { TestHub, WHO } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";
import { testInBothStores } from "./stores.ts";

function orderAll(hub: TestHub) {
  return hub.services.orders.create("acme", WHO, {
    ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: 60_000 },
  });
}

testInBothStores("an order to an agent that is connected", {
  "is sent as it is stored, and to one that has its fill when it has answered": async (
    database,
  ) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub);
    using link = await agent.connect();
    await link.hear("standing");
    const heard = [];
    for (let i = 0; i < HUB_LIMITS.LEASES_OF_ONE; i++) {
      const { counts } = await orderAll(hub);
      assert.deepEqual([counts.sent, counts.queued], [1, 0]);
      heard.push((await link.hear("order")).order);
    }
    const { id, counts } = await orderAll(hub);
    assert.deepEqual([counts.sent, counts.queued], [0, 1]);
    await link.say({ type: "taken", order: heard[0], run: 1 });
    const { order } = await link.hear("order");
    assert.ok(!heard.includes(order));
    assert.equal((await hub.services.orders.get("acme", id)).counts.sent, 1);
  },
  "is told of before its end": async (database) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub);
    using link = await agent.connect();
    await link.hear("standing");
    const { id } = await orderAll(hub);
    await hub.services.orders.cancel("acme", WHO, id);
    const { order } = await link.hear("order");
    assert.equal((await link.hear("cancel")).order, order);
  },
});
