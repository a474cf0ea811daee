import assert from "node:assert/strict";
import { nextDue } from "../../runtime/hub/orders/next_due.ts";
import type { HubOrder } from "../../runtime/hub/mod.ts";
import { TestHub, WHO } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";
import { testInBothStores } from "./stores.ts";

const NOW = Date.parse("2026-03-02T10:00:00Z");
const AT = "2026-03-01T09:00:00Z";
/** The schedule, when the order expires, and when it is due next. */
const SCHEDULES: Readonly<Record<string, [HubOrder["schedule"], string, string | null]>> = {
  "not yet": [{ at: "2026-03-03T00:00:00Z" }, "2026-03-09", "2026-03-03T00:00:00.000Z"],
  over: [{ at: AT }, "2026-03-09", null],
  "never, as it expires before": [{ at: "2026-03-10T00:00:00Z" }, "2026-03-09", null],
  "no more, as it has expired": [{ at: AT, repeat: { everyMs: 60_000 } }, "2026-03-02", null],
  hourly: [
    { at: AT, repeat: { everyMs: 3_600_000 } },
    "2026-03-09",
    "2026-03-02T11:00:00.000Z",
  ],
  daily: [
    { at: AT, repeat: { cron: "30 9 * * *", timezone: "UTC" } },
    "2026-03-09",
    "2026-03-03T09:30:00.000Z",
  ],
  "expired before": [{ at: AT, repeat: { everyMs: 86_400_000 } }, "2026-03-03", null],
  "no pattern": [{ at: AT, repeat: { cron: "never", timezone: "UTC" } }, "2026-03-09", null],
  none: [null, "2026-03-09", null],
};

Deno.test("nextDue() says when an order is due next, and that it is not again", async (t) => {
  for (const [what, [schedule, expires, due]] of Object.entries(SCHEDULES)) {
    await t.step(what, async () => {
      const found = await nextDue({ schedule, expires: Date.parse(expires) }, NOW);
      assert.equal(found && new Date(found).toISOString(), due);
    });
  }
});

testInBothStores("when an order is due next", {
  "is stored with it, and looked for again when that time has come": async (database) => {
    let later = 0;
    await using hub = await TestHub.start({ database, now: () => Date.now() + later });
    const { orders, database: db } = hub.services;
    using _agent = await RawAgent.enrolled(hub);
    const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000).toISOString();
    const { id, due } = await orders.create("acme", WHO, {
      ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: 86_400_000 },
      schedule: { at: at.replace(".000", ""), repeat: { everyMs: 3_600_000 } },
    });
    assert.equal(due, Date.parse(at));
    const said = async () => {
      const { items: [listed] } = await orders.list("acme", { only: "scheduled" });
      assert.equal((await orders.get("acme", id)).due, listed!.due);
      return listed!.due;
    };
    // Nothing is looked for while it lies ahead, whatever the pattern.
    const stored = Date.parse(at) + 5_000;
    await db.run("UPDATE orders SET due = ?1", [stored]);
    assert.equal(await said(), stored);
    later = 120_000;
    assert.equal(await said(), Date.parse(at) + 3_600_000);
    const row = await db.get<{ due: number }>("SELECT due FROM orders");
    assert.equal(row!.due, Date.parse(at) + 3_600_000);
    assert.equal((await orders.cancel("acme", WHO, id)).due, null);
    const once = await orders.create("acme", WHO, {
      ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: 60_000 },
    });
    assert.equal(once.due, null);
  },
});
