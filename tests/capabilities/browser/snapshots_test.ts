import assert from "node:assert/strict";
import { Snapshots } from "../../../runtime/capabilities/browser/snapshots.ts";
import { refuses } from "../fixture.ts";

/** A page that says when it takes a snapshot, and more before its answer is here. */
function page(snapshots: Snapshots, events: string | undefined) {
  return {
    askText: (_name: string, token: unknown): Promise<string | undefined> => {
      snapshots.noteMoment(String(token), 7);
      return Promise.resolve(events);
    },
  };
}

Deno.test("Snapshots.take() counts what the page told until it was taken, and nothing later", async () => {
  const snapshots = new Snapshots();
  assert.deepEqual(await snapshots.take(page(snapshots, "[]")), { events: "[]", n: 7 });
  // A page that knows no token of ours says nothing that counts.
  snapshots.noteMoment("stranger", 9);
  assert.equal((await snapshots.take(page(snapshots, "[1]"))).n, 7);
});

Deno.test("Snapshots.take() refuses where no page is, and one that is too large", async () => {
  const snapshots = new Snapshots();
  await refuses("unavailable", snapshots.take(page(snapshots, undefined)));
  await refuses("too_long", snapshots.take(page(snapshots, "x".repeat(16_000_001))));
  await snapshots.take(page(snapshots, "x".repeat(16_000_000)));
  await refuses("too_long", snapshots.take(page(snapshots, "[1]"), 2));
  await snapshots.take(page(snapshots, "[1]"), 3);
});
