import assert from "node:assert/strict";
import { sealDocument } from "../../../runtime/core/dsse.ts";
import { TestHub, until, WHO } from "../hub_fixture.ts";
import { signedMachine } from "../signed_lists.ts";
import { testInBothStores } from "../stores.ts";
import { makeRelease, withRelease, withReleaseKey } from "./signed_release.ts";

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
    const says = async (release: number | null) => {
      await hub.services.database.run(
        `UPDATE agents SET version = '0.2.0', deno = '2.9.7', running_release = ?2 WHERE id = ?1`,
        [canary.id, release],
      );
      await rollouts.stepAll();
    };
    // What another release, or what was installed, calls itself is no matter.
    for (const release of [null, 6]) {
      await says(release);
      assert.equal((await rollouts.get("acme", id)).rings[0]!.good, 0);
      assert.equal((await behind()).length, 1);
    }
    await says(7);
    assert.equal((await rollouts.get("acme", id)).state, "done");
    assert.equal((await releases.offered("acme"))!.reached, "everybody");
    assert.deepEqual(await behind(), []);
    const { sequence, state, rollout } = (await releases.newest("acme"))!;
    assert.deepEqual([sequence, state, rollout], [7, "done", id]);
  },
  "is listed page by page": async (database) => {
    await using hub = await TestHub.start({ database });
    await using _machine = await signedMachine(hub, { labels: ["canary"] });
    const key = await withReleaseKey(hub);
    const { releases, rollouts } = hub.services;
    for (const sequence of [1, 2, 3]) {
      const head = { sequence, version: "0.2.0", deno: "2.9.7" };
      const release = await makeRelease(hub, { start: "#!/bin/sh\n" }, head);
      await rollouts.createForRelease("acme", WHO, sealDocument("release", release, [key]), PLAN);
    }
    const first = await releases.list("acme", { limit: 2 });
    assert.deepEqual(first.items.map(({ sequence }) => sequence), [3, 2]);
    const last = await releases.list("acme", { limit: 2, after: first.next! });
    assert.deepEqual([last.items.map(({ sequence }) => sequence), last.next], [[1], null]);
    const asked = await hub.ask(await hub.token(), "GET", "/api/v1/releases?limit=2&after=2");
    assert.equal((await asked.json()).items.length, 1);
  },
  "is refused that is further ahead than the hub can follow": async (database) => {
    await using hub = await TestHub.start({ database });
    await using _machine = await signedMachine(hub);
    const key = await withReleaseKey(hub);
    const head = { sequence: 1, version: "9.0.0", deno: "2.9.7" };
    const release = sealDocument("release", await makeRelease(hub, { start: "" }, head), [key]);
    await assert.rejects(hub.services.rollouts.createForRelease("acme", WHO, release, PLAN), {
      code: "conflict",
    });
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
