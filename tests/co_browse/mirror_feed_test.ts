import assert from "node:assert/strict";
import { MirrorFeed } from "../../scripts/co-browse/host/mirror_feed.ts";
import type { Guest } from "../../scripts/co-browse/session/guest.ts";

interface Sent {
  fresh: boolean;
  events: unknown[];
}

/** Somebody with a link, and what they were sent of the page. */
function viewer() {
  const sent: Sent[] = [];
  const guest = {
    connection: { waiting: 0 },
    sendNumbered: (message: (seq: number) => Sent) => void sent.push(message(0)),
  };
  return { guest: guest as unknown as Guest, sent };
}

/** A page whose snapshots are ready when a test says so. */
class SlowPage {
  n = 0;
  readonly asked: PromiseWithResolvers<void>[] = [];
  readonly snapshot = async () => {
    const ready = Promise.withResolvers<void>();
    this.asked.push(ready);
    const { n } = this;
    await ready.promise;
    return { n, url: "https://shop.example/", document: "d", events: [`snapshot ${n}`] };
  };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

Deno.test("MirrorFeed makes one snapshot at a time, and one for all who ask meanwhile", async () => {
  const page = new SlowPage();
  const feed = new MirrorFeed(page, () => 0);
  const viewers = Array.from({ length: 40 }, viewer);
  const first = feed.begin(viewers[0]!.guest);
  await turn();
  const others = viewers.slice(1).map(({ guest }) => feed.begin(guest));
  await turn();
  assert.equal(page.asked.length, 1);
  page.n = 5;
  page.asked[0]!.resolve();
  await first;
  await turn();
  assert.equal(page.asked.length, 2);
  page.asked[1]!.resolve();
  await Promise.all(others);
  assert.equal(page.asked.length, 2);
  assert.deepEqual(viewers.map(({ sent }) => sent[0]!.events[0]), [
    "snapshot 0",
    ...viewers.slice(1).map(() => "snapshot 5"),
  ]);
});

Deno.test("MirrorFeed lets somebody who asks again and again wait, but not for another page", async () => {
  const page = new SlowPage();
  const now = 1_000;
  const feed = new MirrorFeed(page, () => now);
  const { guest, sent } = viewer();
  const begun = [feed.begin(guest)];
  await turn();
  page.asked[0]!.resolve();
  await begun[0];
  for (let i = 0; i < 100; i++) begun.push(feed.begin(guest));
  await turn();
  assert.equal(page.asked.length, 1, "all of these wait");
  feed.restart();
  await turn();
  assert.equal(page.asked.length, 2);
  page.asked[1]!.resolve();
  await turn();
  assert.deepEqual(sent.map(({ fresh }) => fresh), [true, true]);
  feed.end(guest);
});
