import assert from "node:assert/strict";
import type { Blobs } from "../../runtime/sdk/mod.ts";
import { Bans } from "../../scripts/virus-sigs/bans.ts";
import type { Desk } from "../../scripts/virus-sigs/desk.ts";
import { readSettings } from "../../scripts/virus-sigs/settings.ts";
import { Shelf } from "../../scripts/virus-sigs/shelf.ts";
import { sync } from "../../scripts/virus-sigs/sync.ts";
import { WholeWanted } from "../../scripts/virus-sigs/whole_wanted.ts";
import { memoryBlobs, memoryStore } from "./memory_capabilities.ts";

/** A database as its header tells of it. */
function databaseOf(version: number): Uint8Array<ArrayBuffer> {
  const md5 = "0".repeat(32);
  const header = `ClamAV-VDB:22 Jun 2021 21-34 -0400:${version}:14:81:${md5}:x:somebody:1624412043`;
  return new TextEncoder().encode(header.padEnd(600));
}

/** A machine whose only peer offers a database, and whose scanner looks at it as is said. */
function machine(look: () => Promise<{ good: boolean }>) {
  const store = memoryStore();
  const offered = { version: 1 };
  const pulled: string[] = [];
  const there = memoryBlobs();
  const inventory = async () => {
    const { sha256, length } = await there.put(databaseOf(offered.version));
    const { version } = offered;
    return Response.json({
      files: [{ name: "test.cvd", sha256, length, version, list: sha256, verified: true }],
    });
  };
  const mine = memoryBlobs();
  const blobs: Blobs = {
    ...mine,
    share: (sha256) => Promise.resolve({ list: sha256 }),
    async pull(list) {
      pulled.push(list);
      return await mine.put(await (await there.get(list))!.bytes());
    },
  };
  const desk = {
    settings: readSettings({ databases: ["test"] }),
    shelf: new Shelf(store, blobs),
    bans: new Bans(store),
    wholeWanted: new WholeWanted(store),
    store,
    blobs,
    peers: {
      list: () => Promise.resolve([{ id: "b", name: "b", labels: [], self: false }]),
      fetch: inventory,
    },
    scanner: {
      status: () => Promise.resolve({ programs: { sigtool: true }, current: null }),
      verify: look,
    },
    log: { info() {}, warn() {}, debug() {} },
    emit() {},
    pullMs: 60_000,
    now: () => 0,
  } as unknown as Desk;
  return { desk, offered, pulled, blobs };
}

Deno.test("sync() keeps what could not be looked at, blames nobody, and gets it once", async () => {
  let broken = true;
  const { desk, pulled } = machine(() =>
    broken
      ? Promise.reject(Object.assign(new Error("no way in"), { code: "unavailable" }))
      : Promise.resolve({ good: true })
  );
  for (let round = 0; round < 3; round++) {
    assert.deepEqual(await sync(desk), { asked: 1, taken: [], banned: [] });
  }
  broken = false;
  assert.deepEqual((await sync(desk)).taken, ["test.cvd 1"]);
  assert.equal(pulled.length, 1);
});

Deno.test("sync() keeps one file of a name that could not be looked at, and no more", async () => {
  const { desk, offered, blobs } = machine(() =>
    Promise.reject(Object.assign(new Error("no way in"), { code: "unavailable" }))
  );
  for (offered.version = 1; offered.version <= 3; offered.version++) await sync(desk);
  assert.equal((await blobs.list()).length, 1);
});

Deno.test("sync() bans who offers as verified what the vendor did not sign, and keeps nothing", async () => {
  const { desk, blobs } = machine(() => Promise.resolve({ good: false }));
  assert.deepEqual((await sync(desk)).banned, ["b"]);
  assert.deepEqual(await blobs.list(), []);
  assert.deepEqual(await sync(desk), { asked: 0, taken: [], banned: [] });
});
