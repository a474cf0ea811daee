import assert from "node:assert/strict";
import { canonicalBytes } from "../../../runtime/core/canonical_json.ts";
import { digestOf } from "../../../runtime/core/digest.ts";
import { sealDocument } from "../../../runtime/core/dsse.ts";
import { generateSigner } from "../../../runtime/core/key.ts";
import { instant } from "../../agent/fixture.ts";
import { TestHub, until, WHO } from "../hub_fixture.ts";
import { signedMachine } from "../signed_lists.ts";
import { testInBothStores } from "../stores.ts";

const PLAN = {
  rings: [{ name: "canary", labels: ["canary"] }, { name: "all" }],
  gate: { okPercent: 100, settleMs: 0, withinMs: 60_000 },
};

/** A hub whose root says who signs releases, and a release of one file, signed. */
async function withRelease(hub: TestHub, upload = true) {
  const releases = generateSigner();
  const root = hub.root("acme");
  const next = {
    ...{ ...root, version: 2 },
    roles: { ...root.roles, releases: { keys: [releases.publicKey], threshold: 1 } },
  };
  await hub.services.lists.putRoot("acme", WHO, sealDocument("root", next, [hub.rootKey]));
  const start = new TextEncoder().encode("#!/bin/sh\n");
  const list = canonicalBytes({
    files: [{
      path: "start",
      parts: [{ sha256: digestOf(start), length: start.length }],
      executable: true,
    }],
  });
  for (const part of upload ? [start, list] : [list]) {
    await hub.services.content.put("acme", digestOf(part), ReadableStream.from([part]));
  }
  const release = {
    ...{ fleet: "test", sequence: 7, version: "0.2.0", deno: "2.9.7" },
    targets: { [Deno.build.target]: { sha256: digestOf(list), length: list.length } },
    issued: instant(Date.now() - 60_000),
    expires: instant(Date.now() + 3_600_000),
  };
  return {
    release: sealDocument("release", release, [releases]),
    stranger: sealDocument("release", release, [generateSigner()]),
  };
}

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
    // As the hello of the agent says it that was started again.
    await hub.services.database.run(
      "UPDATE agents SET version = '0.2.0', deno = '2.9.7' WHERE id = ?1",
      [canary.id],
    );
    await rollouts.stepAll();
    assert.equal((await rollouts.get("acme", id)).state, "done");
    assert.equal((await hub.services.releases.offered("acme"))!.reached, "everybody");
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
