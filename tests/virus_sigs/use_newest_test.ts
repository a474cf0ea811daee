import assert from "node:assert/strict";
import type { Desk } from "../../scripts/virus-sigs/desk.ts";
import { Shelf } from "../../scripts/virus-sigs/shelf.ts";
import { forgetRefusal, rollBack, useNewest, useOf } from "../../scripts/virus-sigs/use_newest.ts";
import { memoryBlobs, memoryStore } from "./memory_capabilities.ts";

const NAME = "office.hdb";
const DAY_MS = 24 * 3_600_000;

/** A machine that keeps one list, and a scanner that says no with this code, or yes. */
async function machine(says: { code?: string }) {
  const [store, blobs] = [memoryStore(), memoryBlobs()];
  const time = { now: 0 };
  const tried: string[] = [];
  const inUse = { id: 0 };
  const status = () => Promise.resolve({ current: { ...inUse, sources: {} }, reloaded: null });
  const scanner = {
    status,
    rollback() {
      inUse.id--;
      return status();
    },
    install() {
      tried.push(says.code ?? "yes");
      if (says.code !== undefined) {
        return Promise.reject(Object.assign(new Error("it does not fit"), { code: says.code }));
      }
      inUse.id++;
      return status();
    },
  };
  const desk = {
    settings: { databases: [], first: undefined },
    shelf: new Shelf(store, blobs),
    wholeWanted: { add: () => Promise.resolve(), remove: () => Promise.resolve() },
    store,
    scanner,
    log: { info() {}, warn() {}, error() {} },
    now: () => time.now,
  } as unknown as Desk;
  const publish = async (version: number) => {
    const { sha256 } = await blobs.put(new TextEncoder().encode(`list ${version}`));
    await desk.shelf.put(NAME, sha256, 0, { version });
  };
  await publish(1);
  const use = async () => (await useNewest(desk)).used;
  return { desk, publish, use, tried, time };
}

Deno.test("useNewest() tries again at once what failed for the machine's sake", async () => {
  const says: { code?: string } = { code: "unavailable" };
  const { use, tried } = await machine(says);
  assert.equal(await use(), "refused");
  delete says.code;
  assert.equal(await use(), "now");
  assert.deepEqual(tried, ["unavailable", "yes"]);
});

Deno.test("useNewest() tries files that could not be used after a day, or when one is asked to", async () => {
  const { desk, use, tried, time } = await machine({ code: "failed" });
  assert.equal(await use(), "refused");
  time.now = DAY_MS - 1;
  assert.equal(await use(), "refused");
  assert.equal(tried.length, 1);
  time.now = DAY_MS;
  assert.equal(await use(), "refused");
  assert.equal(tried.length, 2);
  await forgetRefusal(desk);
  assert.equal(await use(), "refused");
  assert.equal(tried.length, 3);
});

Deno.test("useNewest() comes back by itself to nothing that was rolled back", async () => {
  const { desk, use, tried, time } = await machine({});
  assert.equal(await use(), "now");
  await rollBack(desk);
  time.now = 1_000 * DAY_MS;
  assert.equal(await use(), "refused");
  assert.deepEqual(tried, ["yes"]);
});

Deno.test("useOf() says what is in use, also after a rollback", async () => {
  const { desk, publish, use } = await machine({});
  assert.deepEqual((await useOf(desk)).uses, {});
  for (const version of [1, 2]) {
    await publish(version);
    await use();
    assert.deepEqual((await useOf(desk)).uses, { [NAME]: version });
  }
  await rollBack(desk);
  assert.deepEqual((await useOf(desk)).uses, { [NAME]: 1 });
});
