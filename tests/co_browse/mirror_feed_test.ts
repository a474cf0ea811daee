import assert from "node:assert/strict";
import { MirrorFeed } from "../../scripts/co-browse/host/mirror_feed.ts";
import type { Guest } from "../../scripts/co-browse/session/guest.ts";
import { until } from "../until.ts";

interface Sent {
  fresh: boolean;
  events: unknown[];
}

/** Somebody with a link, and what they were sent of the page. */
function viewer() {
  const sent: Sent[] = [];
  const said: { t: string; why?: string }[] = [];
  const connection = { waiting: 0 };
  const guest = {
    connection,
    send: (message: { t: string; why?: string }) => void said.push(message),
    sendMirror: (text: string) => void sent.push(JSON.parse(`{${text}`)),
  };
  return { guest: guest as unknown as Guest, connection, sent, said };
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
    const events = [`snapshot ${n}`];
    const json = JSON.stringify(events);
    return { n, url: "https://shop.example/", document: "d", json, events };
  };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

Deno.test("MirrorFeed makes one snapshot at a time, and one for all who ask meanwhile", async () => {
  const page = new SlowPage();
  const feed = new MirrorFeed(page, () => 0, () => {});
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
  const feed = new MirrorFeed(page, () => now, () => {});
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

/** A change of the page, and the first one of another page. */
const change = (n: number, type = 3) => ({ n, document: "d", event: { type, n } }) as never;
const META = 4;

Deno.test("MirrorFeed says that a page is too large, and begins with the next one", async () => {
  const page = new SlowPage();
  const feed = new MirrorFeed(page, () => performance.now(), () => {});
  const { guest, sent, said } = viewer();
  const begun = feed.begin(guest);
  await turn();
  page.asked[0]!.reject(Object.assign(new Error("large"), { code: "too_long" }));
  await begun;
  assert.deepEqual(said, [{ t: "not", why: "too_large" }]);
  for (let n = 1; n < 100; n++) feed.add(change(n));
  await turn();
  assert.equal(sent.length, 0, "nothing of a page that they do not have");
  feed.add(change(100, META));
  await until(() => page.asked.length === 2);
  page.asked[1]!.resolve();
  await until(() => sent.length === 1);
  assert.ok(sent[0]!.fresh);
  feed.end(guest);
});

Deno.test("MirrorFeed sends nothing to who is far behind, and begins anew with them later", async () => {
  const page = new SlowPage();
  const feed = new MirrorFeed(page, () => performance.now(), () => {});
  const { guest, sent, connection } = viewer();
  const begun = feed.begin(guest);
  await turn();
  page.asked[0]!.resolve();
  await begun;
  connection.waiting = 20_000_000;
  feed.add(change(1));
  await until(() => sent.length === 2);
  feed.add(change(2));
  await turn();
  assert.equal(sent.length, 2);
  connection.waiting = 0;
  // Also where the page changes no more.
  await until(() => page.asked.length === 2);
  page.asked[1]!.resolve();
  await until(() => sent.length === 3);
  assert.deepEqual(sent.map(({ fresh }) => fresh), [true, false, true]);
  feed.end(guest);
});

Deno.test("MirrorFeed asks a page again that did not answer in time", async () => {
  const page = new SlowPage();
  const feed = new MirrorFeed(page, () => 0, () => {});
  const { guest, sent } = viewer();
  const begun = feed.begin(guest);
  await until(() => page.asked.length === 1);
  page.asked[0]!.reject(Object.assign(new Error("no answer"), { code: "unavailable" }));
  await until(() => page.asked.length === 2);
  page.asked[1]!.resolve();
  await begun;
  assert.deepEqual(sent.map(({ fresh, events }) => ({ fresh, events })), [
    { fresh: true, events: ["snapshot 0"] },
  ]);
});

Deno.test("MirrorFeed keeps no more for who waits for a snapshot than they could be told", async () => {
  const page = new SlowPage();
  const feed = new MirrorFeed(page, () => 0, () => {});
  const { guest, sent } = viewer();
  const begun = feed.begin(guest);
  await until(() => page.asked.length === 1);
  const text = "x".repeat(1e6);
  const large = (n: number) => ({ n, document: "d", event: { type: 3, n, text } }) as never;
  for (let n = 1; n <= 11; n++) {
    feed.add(large(n));
    await turn();
  }
  page.n = 11;
  page.asked[0]!.resolve();
  await begun;
  assert.deepEqual(sent, []);
  await until(() => page.asked.length === 2);
  feed.add(change(12));
  await turn();
  page.asked[1]!.resolve();
  await until(() => sent.length === 2);
  assert.deepEqual(sent.map(({ fresh, events }) => ({ fresh, events })), [
    { fresh: true, events: ["snapshot 11"] },
    { fresh: false, events: [{ type: 3, n: 12 }] },
  ]);
  feed.end(guest);
});
