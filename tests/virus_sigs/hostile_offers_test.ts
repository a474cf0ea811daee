import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { digestOf } from "../../runtime/core/digest.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import type { Blobs } from "../../runtime/sdk/mod.ts";
import { Bans } from "../../scripts/virus-sigs/bans.ts";
import type { Desk } from "../../scripts/virus-sigs/desk.ts";
import { readSettings } from "../../scripts/virus-sigs/settings.ts";
import { Shelf } from "../../scripts/virus-sigs/shelf.ts";
import { statusOf } from "../../scripts/virus-sigs/status.ts";
import { sync } from "../../scripts/virus-sigs/sync.ts";
import { WholeWanted } from "../../scripts/virus-sigs/whole_wanted.ts";
import { until } from "../until.ts";
import { memoryBlobs, memoryStore } from "./memory_capabilities.ts";
import { listSignature } from "./signed_list.ts";

type Bytes = Uint8Array<ArrayBuffer>;
const admin = generateSigner();
const text = (said: string): Bytes => new TextEncoder().encode(said);

/** A database as a vendor packs it. */
function databaseOf(version: number, name = "test"): Bytes {
  const md5 = "0".repeat(32);
  const header = `ClamAV-VDB:22 Jun 2021 21-34 -0400:${version}:14:81:${md5}:x:somebody:1624412043`;
  const members = ["COPYING", `${name}.info`, `${name}.ndb`].map((member) => {
    const block = text(member.padEnd(124, "\0") + "00000000003\0").buffer;
    return [
      ...new Uint8Array(block),
      ...new Uint8Array(512 - block.byteLength),
      ...text("abc".padEnd(512, "\0")),
    ];
  });
  return Uint8Array.from([
    ...text(header.padEnd(512)),
    ...gzipSync(Uint8Array.from(members.flat())),
  ]);
}

function incrementOf(version: number, name = "test"): Bytes {
  const commands = gzipSync(text(`OPEN ${name}.info\nADD x\nCLOSE\n`));
  return Uint8Array.from([
    ...text(`ClamAV-Diff:${version}:${commands.length}:`),
    ...commands,
    ...text(":signature"),
  ]);
}

/** What an agent says that it has, beside what there is. */
type Claim =
  & { name: string; version: number; bytes: Bytes; verified?: boolean; length?: number }
  & {
    signature?: string;
    head?: Bytes;
    headOnly?: true;
  };

/** A machine whose scanner uses version 1, and whose peers offer what they are told to. */
function machine(uses: number | undefined = undefined) {
  const store = memoryStore();
  const there = memoryBlobs();
  const offers = new Map<string, Claim[]>();
  const mine = memoryBlobs();
  const pulled: string[] = [];
  const told: string[] = [];
  const slow = new Map<string, Promise<void>>();
  let wanted = "";
  const blobs: Blobs = {
    ...mine,
    share: (sha256) => Promise.resolve({ list: sha256 }),
    async pull(list, { most = Infinity } = {}) {
      wanted = list;
      const blob = (await there.get(list))!;
      if (blob.length > most) throw Object.assign(new Error("too long"), { code: "failed" });
      pulled.push(list);
      await slow.get(list);
      return await mine.put(await blob.bytes());
    },
  };
  const desk = {
    settings: readSettings({ databases: ["test"], listKeys: [admin.publicKey] }),
    shelf: new Shelf(store, blobs),
    bans: new Bans(store),
    wholeWanted: new WholeWanted(store),
    store,
    blobs,
    peers: {
      list: () =>
        Promise.resolve(
          [...offers.keys()].map((id) => ({ id, name: id, labels: [], self: false })),
        ),
      fetch: async (peer: string) => {
        const files = await Promise.all(offers.get(peer)!.map(async ({ bytes, head, ...claim }) => {
          const { sha256, length } = await there.put(bytes);
          const top = head && (await there.put(head)).sha256;
          const about = { sha256, length, list: sha256, verified: false, ...claim };
          return { ...about, ...(top && { head: { sha256: top, list: top } }) };
        }));
        return Response.json({ files });
      },
    },
    scanner: uses && {
      status: () => Promise.resolve({ programs: { sigtool: true }, current: { id: 1 } }),
      verify: () => Promise.resolve({ good: true }),
    },
    log: { info() {}, warn() {}, debug() {} },
    emit: (name: string) => void told.push(name),
    get pullMs() {
      return slow.has(wanted) ? 1 : 60_000;
    },
    now: () => 0,
  } as unknown as Desk;
  if (uses) store.set("uses", { 1: { test: uses } });
  const has = async (name: string) => (await desk.shelf.find(name))?.version;
  return { desk, offers, pulled, slow, told, has };
}

const GOOD = { name: "test.cvd", version: 7, bytes: databaseOf(7), verified: true };

Deno.test("sync() takes no header that says another version, or is longer than one", async () => {
  const increment = { name: "test-7.cdiff", version: 7, bytes: incrementOf(7) };
  const claimed = { name: "test.cvd", version: 7, bytes: databaseOf(7), headOnly: true } as const;
  const headers = { "far ahead": databaseOf(999_999).slice(0, 512), "long": databaseOf(7) };
  for (const [what, head] of Object.entries(headers)) {
    const { desk, offers, has } = machine(6);
    offers.set("liar", [increment, { ...claimed, length: 9_000, head }]);
    await sync(desk);
    assert.equal(await has("test.cvd"), undefined, what);
    offers.set("honest", [GOOD]);
    await sync(desk);
    assert.equal(await has("test.cvd"), 7, what);
  }
});

Deno.test("sync() takes an older whole in place of a newer header, which proves nothing", async () => {
  const { desk, offers, has } = machine(6);
  const versions = [7, 8, 9];
  offers.set("liar", [
    ...versions.map((version) => {
      return { name: `test-${version}.cdiff`, version, bytes: incrementOf(version) };
    }),
    { ...GOOD, version: 9, length: 9_000, headOnly: true, head: databaseOf(9).slice(0, 512) },
  ]);
  await sync(desk);
  assert.equal(await has("test.cvd"), 9);
  // As the increments led nowhere.
  await desk.wholeWanted.add("test");
  offers.set("honest", [GOOD]);
  await sync(desk);
  assert.equal(await has("test.cvd"), 7);
});

Deno.test("sync() takes a good file that somebody offers as something else", async (t) => {
  const increment = { name: "test-7.cdiff", version: 7, bytes: incrementOf(7) };
  const bytes = text("list\n");
  const signature = listSignature(admin, "office.hdb", 7, digestOf(bytes));
  const list = { name: "office.hdb", version: 7, bytes, signature };
  const newest = { ...GOOD, bytes: databaseOf(8), version: 8 };
  const cases: [string, Claim, Claim][] = [
    ["a database as a newer one", { ...newest, version: 9 }, newest],
    ["one as an older one", { ...newest, version: 1 }, newest],
    ["one as a header", { ...newest, headOnly: true }, newest],
    ["one as an increment", { ...increment, bytes: newest.bytes }, newest],
    ["an increment as a database", { ...GOOD, bytes: increment.bytes }, increment],
    ["one as another's", { ...increment, name: "test-8.cdiff", version: 8 }, increment],
    ["a list as a newer one", { ...list, version: 9 }, list],
  ];
  for (const [name, lie, truth] of cases) {
    await t.step(name, async () => {
      const { desk, offers, has } = machine();
      offers.set("liar", [{ ...lie, verified: false }]);
      await sync(desk);
      offers.set("honest", [GOOD, truth]);
      await sync(desk);
      assert.equal(await has(truth.name), truth.version);
    });
  }
});

Deno.test("sync() gets no list that no admin signed, and bans who swears that one did", async () => {
  const { desk, offers, pulled, told } = machine();
  const bytes = text("list\n");
  const signature = listSignature(admin, "office.hdb", 7, digestOf(text("another\n")));
  offers.set("liar", [{ name: "office.hdb", version: 7, bytes, signature, verified: true }]);
  assert.deepEqual((await sync(desk)).banned, ["liar"]);
  assert.deepEqual([pulled, told], [[], ["not_taken"]]);
});

Deno.test("sync() gets nothing that is longer than it was said to be", async () => {
  const { desk, offers, pulled } = machine();
  offers.set("liar", [{ ...GOOD, length: 100 }]);
  await sync(desk);
  assert.deepEqual(pulled, []);
  offers.set("honest", [GOOD]);
  assert.deepEqual((await sync(desk)).taken, ["test.cvd 7"]);
});

Deno.test("sync() takes no other database of the vendor's under this one's name", async () => {
  const { desk, offers, has } = machine(6);
  offers.set("liar", [
    { ...GOOD, version: 27_001, bytes: databaseOf(27_001, "daily") },
    { name: "test-7.cdiff", version: 7, bytes: incrementOf(7, "daily") },
  ]);
  assert.deepEqual((await sync(desk)).banned, ["liar"]);
  offers.set("honest", [GOOD, { name: "test-7.cdiff", version: 7, bytes: incrementOf(7) }]);
  await sync(desk);
  assert.deepEqual([await has("test.cvd"), await has("test-7.cdiff")], [7, 7]);
});

Deno.test("sync() gives up for others who gives a file too slowly, and keeps what comes late", async () => {
  const { desk, offers, pulled, slow, has } = machine();
  const newest = { ...GOOD, bytes: databaseOf(9), version: 9 };
  const hung = { ...GOOD, bytes: databaseOf(8), version: 8 };
  const late = Promise.withResolvers<void>();
  for (const { bytes } of [newest, hung]) slow.set(digestOf(bytes), late.promise);
  offers.set("slow", [newest]);
  offers.set("also slow", [hung]);
  offers.set("honest", [GOOD]);
  assert.deepEqual((await sync(desk)).taken, ["test.cvd 7"]);
  assert.equal(pulled.length, 3);
  late.resolve();
  await until(async () => (await desk.blobs.list()).length > 1);
  assert.deepEqual((await sync(desk)).taken.length, 1);
  assert.ok(await has("test.cvd") as number > 7);
});

Deno.test("sync() asks who is too slow for nothing else in this round", async () => {
  const { desk, offers, pulled, slow } = machine();
  const bytes = text("list\n");
  const signature = listSignature(admin, "office.hdb", 7, digestOf(bytes));
  slow.set(digestOf(GOOD.bytes), Promise.withResolvers<void>().promise);
  offers.set("slow", [GOOD, { name: "office.hdb", version: 7, bytes, signature }]);
  assert.deepEqual((await sync(desk)).taken, []);
  assert.deepEqual(pulled, [digestOf(GOOD.bytes)]);
});

Deno.test("statusOf() tells of a list that an admin signed twice under one version", async () => {
  const { desk, offers } = machine();
  const listOf = (version: number, words: string, signed = words) => {
    const signature = listSignature(admin, "office.hdb", version, digestOf(text(signed)));
    return { name: "office.hdb", version, bytes: text(words), signature };
  };
  offers.set("a", [listOf(7, "mine")]);
  await sync(desk);
  offers.set("b", [listOf(7, "theirs")]);
  offers.set("liar", [listOf(7, "made up", "another")]);
  await sync(desk);
  const differing = async () =>
    Object.fromEntries((await statusOf(desk)).fleet.map(({ name, differs }) => [name, differs]));
  assert.deepEqual(await differing(), { a: [], b: ["office.hdb"], liar: [] });
  offers.set("a", [listOf(8, "mine")]);
  await sync(desk);
  assert.deepEqual(await differing(), { a: [], b: [], liar: [] });
});
