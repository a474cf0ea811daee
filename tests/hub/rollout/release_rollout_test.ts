import assert from "node:assert/strict";
import type { ListedRelease } from "../../../runtime/hub/releases/releases.ts";
import { TestHub, until, WHO } from "../hub_fixture.ts";
import { signedMachine } from "../signed_lists.ts";
import { testInBothStores } from "../stores.ts";
import { withRelease } from "./signed_release.ts";

const PLAN = {
  rings: [{ name: "canary", labels: ["canary"] }, { name: "all" }],
  gate: { okPercent: 100, settleMs: 0, withinMs: 60_000 },
};

testInBothStores("a rollout of a release", {
  "is offered to the canary, halts as that cannot become it, and reaches nobody else": async (
    database,
  ) => {
    await using hub = await TestHub.start({ database });
    await using canary = await signedMachine(hub, { labels: ["canary"] });
    await using other = await signedMachine(hub);
    await canary.start();
    await other.start();
    const { release, stranger } = await withRelease(hub);
    const { rollouts, releases } = hub.services;
    await assert.rejects(rollouts.createForRelease("acme", WHO, stranger, PLAN), {
      code: "threshold",
    });
    const { id } = await rollouts.createForRelease("acme", WHO, release, PLAN);
    const offered = (await releases.offered("acme"))!.reached;
    assert.deepEqual(offered, new Set([canary.id]));
    // Nothing would start the agents of this test again, which each says for itself.
    const halted = await until(hub, async () => {
      const rollout = await rollouts.get("acme", id);
      return rollout.state === "halted" && rollout;
    });
    assert.deepEqual(halted.rings.map(({ bad, started }) => [bad, started === null]), [
      [1, false],
      [0, true],
    ]);
    assert.equal(await releases.offered("acme"), undefined);
    await assert.rejects(rollouts.createForRelease("acme", WHO, release, PLAN), {
      code: "version_rollback",
    });
  },
  "ends well when every agent says that it is the release": async (database) => {
    await using hub = await TestHub.start({ database });
    await using canary = await signedMachine(hub, { labels: ["canary"] });
    const { release } = await withRelease(hub);
    const { rollouts } = hub.services;
    const { id } = await rollouts.createForRelease("acme", WHO, release, PLAN);
    assert.equal((await rollouts.get("acme", id)).rings[0]!.good, 0);
    const { releases } = hub.services;
    const behind = async () =>
      (await releases.behind("acme")).items.map(({ id, ring, isOffered }) => [id, ring, isOffered]);
    assert.deepEqual(await behind(), [[canary.id, "canary", true]]);
    // As the hello of the agent says it that was started again.
    await hub.services.database.run(
      "UPDATE agents SET version = '0.2.0', deno = '2.9.7' WHERE id = ?1",
      [canary.id],
    );
    await rollouts.stepAll();
    assert.equal((await rollouts.get("acme", id)).state, "done");
    assert.equal((await releases.offered("acme"))!.reached, "everybody");
    assert.deepEqual(await behind(), []);
    const [{ sequence, state, rollout }] = await releases.list("acme") as [ListedRelease];
    assert.deepEqual([sequence, state, rollout], [7, "done", id]);
  },
  "is refused as long as a part of it was not uploaded": async (database) => {
    await using hub = await TestHub.start({ database });
    await using _machine = await signedMachine(hub);
    const { release } = await withRelease(hub, false);
    await assert.rejects(hub.services.rollouts.createForRelease("acme", WHO, release, PLAN), {
      code: "attachment_missing",
    });
  },
});
