/** What one tenant may ask for in one request, and what the others have of it meanwhile. */
import assert from "node:assert/strict";
import type { KeyId } from "../../runtime/core/documents/common.ts";
import { insertRows } from "../../runtime/hub/database/insert_rows.ts";
import { HubError } from "../../runtime/hub/mod.ts";
import { TestHub, WHO } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";
import { signedList } from "./signed_lists.ts";
import { testInBothStores } from "./stores.ts";

const ORDER = { script: { name: "acme/echo", range: "*" }, expiresMs: 60_000 } as const;
const isTooLarge = (e: unknown) => e instanceof HubError && e.code === "too_large";

/** An id that nobody has. */
function idOf(number: number): KeyId {
  return `writ-key:${String(number).padStart(42, "0")}A`;
}

async function addAgents({ services }: TestHub, count: number): Promise<void> {
  await services.database.transaction((tx) =>
    insertRows(
      tx,
      "agents (tenant, id, public_key, name, standing, enrolled)",
      Array.from({ length: count }, (_, i) => ["acme", idOf(i), "none", "box", "approved", 1]),
    )
  );
}

/** How many questions of another tenant are answered while something is done. */
async function heardDuring(hub: TestHub, work: Promise<unknown>): Promise<number> {
  let isOver = false;
  const over = work.finally(() => isOver = true);
  let heard = 0;
  for (; !isOver; heard++) {
    await hub.services.agents.list("other");
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await over;
  return heard;
}

function labels(count: number): Record<KeyId, string[]> {
  return { [idOf(1)]: Array.from({ length: count }, (_, i) => `a${i.toString(36)}`) };
}

testInBothStores("a tenant that asks for much at once", {
  "carries a list of many labels while others are heard, and none of too many": async (
    database,
  ) => {
    await using hub = await TestHub.start({ database });
    await hub.addTenant("other");
    await addAgents(hub, 2);
    const list = signedList(hub, 1, null, { labels: labels(3_000) });
    const heard = await heardDuring(hub, hub.services.lists.put("acme", WHO, list));
    assert.ok(heard >= 10, `others were heard ${heard} times`);
    const { signedLabels } = await hub.services.agents.get("acme", idOf(1));
    assert.equal(signedLabels.length, 3_000);
    const more = signedList(hub, 2, list, { labels: labels(100_001) });
    await assert.rejects(hub.services.lists.put("acme", WHO, more), isTooLarge);
    assert.equal((await hub.services.lists.newest("acme"))!.version, 1);
  },
  "orders many agents something short, and few something long": async (database) => {
    await using hub = await TestHub.start({ database });
    await addAgents(hub, 401);
    const input = "x".repeat(700_000);
    const { orders } = hub.services;
    await assert.rejects(
      orders.create("acme", WHO, { ...ORDER, input, select: "all" }),
      isTooLarge,
    );
    assert.deepEqual((await orders.list("acme")).items, []);
    const select = { agents: Array.from({ length: 400 }, (_, i) => idOf(i)) };
    await orders.create("acme", WHO, { ...ORDER, input, select });
    await orders.create("acme", WHO, { ...ORDER, input: "short", select: "all" });
  },
  "replaces a machine for which many orders wait while others are heard": async (database) => {
    await using hub = await TestHub.start({ database });
    await hub.addTenant("other");
    using old = await RawAgent.enrolled(hub, "old");
    using another = await RawAgent.enrolled(hub, "new", false);
    const { agents, orders } = hub.services;
    const select = { agents: [old.id] };
    for (let i = 0; i < 100; i++) await orders.create("acme", WHO, { ...ORDER, select });
    const replaced = agents.approve("acme", WHO, another.id, { replaces: old.id });
    const heard = await heardDuring(hub, replaced);
    assert.ok(heard >= 5, `others were heard ${heard} times`);
    const { items } = await orders.ofAgent("acme", another.id, { limit: 500 });
    assert.equal(items.length, 100);
  },
});
