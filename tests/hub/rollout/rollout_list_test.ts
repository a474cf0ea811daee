import assert from "node:assert/strict";
import { TestHub } from "../hub_fixture.ts";
import { testInBothStores } from "../stores.ts";

testInBothStores("the list of rollouts", {
  "is paged without a loss where several began in one millisecond": async (database) => {
    await using hub = await TestHub.start({ database });
    const { database: store, rollouts } = hub.services;
    const ids = [1, 2, 3].map(() => crypto.randomUUID());
    const subject = { kind: "list", version: 1, digest: "sha256:0" };
    for (const id of ids) {
      await store.run(
        `INSERT INTO rollouts (tenant, id, subject, gate, state, who, created, updated)
         VALUES ('acme', ?1, ?2, '{}', 'done', 'user:ada', 7, 7)`,
        [id, JSON.stringify(subject)],
      );
    }
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof rollouts.list>> = await rollouts.list("acme", {
        ...{ after: after ?? undefined, limit: 1 },
      });
      seen.push(...page.items.map(({ id }) => id));
      after = page.next;
    } while (after !== null);
    assert.deepEqual(seen, ids.sort().reverse());
    await assert.rejects(rollouts.list("acme", { after: "1; DROP" }), { code: "bad_request" });
  },
});
