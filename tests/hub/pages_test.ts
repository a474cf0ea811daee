/** What is bounded of what the hub is asked: how much one page holds, and how much of SQL is kept. */
import assert from "node:assert/strict";
import { HUB_LIMITS } from "../../runtime/hub/mod.ts";
import { Recent } from "../../runtime/hub/database/recent.ts";
import { fittingLimit } from "../../runtime/hub/page.ts";
import { TestHub, WHO } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";
import { testInBothStores } from "./stores.ts";

Deno.test("Recent keeps what was used last, and no more than it may", () => {
  const recent = new Recent<number>(2);
  let made = 0;
  const ask = (name: string) => recent.get(name, () => ++made);
  assert.deepEqual(["a", "b", "a", "c", "a"].map(ask), [1, 2, 1, 3, 1]);
  assert.equal(recent.size, 2);
  assert.equal(ask("b"), 4, "it was used least");
});

Deno.test("fittingLimit() ends a page before it is too long, and never before its first row", () => {
  const half = { size: HUB_LIMITS.PAGE_CHARACTERS / 2 };
  assert.equal(fittingLimit([half, half, half], 50), 2);
  assert.equal(fittingLimit([half, half], 1), 1);
  assert.equal(fittingLimit([{ size: null }, half, half], 50), 50);
  assert.equal(fittingLimit([{ size: HUB_LIMITS.PAGE_CHARACTERS + 1 }, half], 50), 1);
  assert.equal(fittingLimit([], 50), 50);
});

testInBothStores("a page of what agents wrote", {
  "ends where it is long, and the next one goes on there": async (database) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub);
    const { orders, database: db } = hub.services;
    const { id } = await orders.create("acme", WHO, {
      ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: 60_000 },
    });
    const event = JSON.stringify({ type: "log", level: "info", text: "x".repeat(400_000) });
    for (let seq = 1; seq <= 5; seq++) {
      await db.run("INSERT INTO run_log VALUES ('acme', ?1, ?2, 1, ?3, 1, ?4)", [
        ...[id, agent.id, seq, event],
      ]);
    }
    const pages: number[][] = [];
    let after: string | undefined;
    do {
      const page = await orders.log("acme", id, { limit: 500, after });
      pages.push(page.items.map(({ seq }) => seq));
      after = page.next ?? undefined;
    } while (after !== undefined);
    assert.deepEqual(pages, [[1, 2], [3, 4], [5]]);
    assert.equal((await orders.deliveries("acme", id, { limit: 500 })).items.length, 1);
    assert.equal((await orders.list("acme", { limit: 500 })).items.length, 1);
    // The same of what its orders came to, whether it is asked for by order or by agent.
    const outcome = JSON.stringify({ outcome: "ok", result: "x".repeat(600_000) });
    for (let i = 0; i < 2; i++) {
      await orders.create("acme", WHO, {
        ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: 60_000 },
      });
    }
    const ofAgent = () => orders.ofAgent("acme", agent.id, { limit: 500 });
    assert.deepEqual([(await ofAgent()).items.length, (await ofAgent()).next], [3, null]);
    await db.run("UPDATE deliveries SET outcome = ?1", [outcome]);
    const first = await ofAgent();
    assert.equal(first.items.length, 1);
    const rest = await orders.ofAgent("acme", agent.id, { limit: 500, after: first.next! });
    assert.equal(rest.items.length, 1);
  },
});
