import assert from "node:assert/strict";
import type { Desk } from "../../scripts/virus-sigs/desk.ts";
import { Shelf } from "../../scripts/virus-sigs/shelf.ts";
import {
  forgetRefusal,
  rollBack,
  useNewest,
  useOf,
  whyRefused,
} from "../../scripts/virus-sigs/use_newest.ts";
import { memoryBlobs, memoryStore } from "./memory_capabilities.ts";

const NAME = "office.hdb";
const DAY_MS = 24 * 3_600_000;

/** A machine that keeps one list, and a scanner that says no with this code, or yes. */
function machine(says: { code?: string }) {
  const [store, blobs] = [memoryStore(), memoryBlobs()];
  const time = { now: 0 };
  const tried: string[] = [];
  const told: string[] = [];
  const generations: Record<string, string>[] = [{}];
  const status = () => {
    const sources = generations.at(-1)!;
    const current = { id: generations.length - 1, sources, files: Object.keys(sources) };
    return Promise.resolve({ current, reloaded: null });
  };
  const scanner = {
    status,
    rollback() {
      generations.pop();
      return status();
    },
    install(files: { name: string; sha256: string }[]) {
      tried.push(says.code ?? "yes");
      if (says.code !== undefined) {
        return Promise.reject(Object.assign(new Error("it does not fit"), { code: says.code }));
      }
      generations.push(Object.fromEntries(files.map(({ name, sha256 }) => [name, sha256])));
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
    emit: (name: string) => void told.push(name),
    now: () => time.now,
  } as unknown as Desk;
  const publish = async (version: number, text = `list ${version}`) => {
    const { sha256 } = await blobs.put(new TextEncoder().encode(text));
    await desk.shelf.put(NAME, sha256, 0, { version });
  };
  const use = async () => (await useNewest(desk)).used;
  return { desk, publish, use, tried, told, time };
}

Deno.test("useNewest() tries again at once what failed for the machine's sake", async () => {
  const says: { code?: string } = { code: "unavailable" };
  const { publish, use, tried } = machine(says);
  await publish(1);
  assert.equal(await use(), "refused");
  delete says.code;
  assert.equal(await use(), "now");
  assert.deepEqual(tried, ["unavailable", "yes"]);
});

Deno.test("useNewest() tries files that could not be used after a day, or when one is asked to", async () => {
  const { desk, publish, use, tried, told, time } = machine({ code: "failed" });
  await publish(1);
  assert.equal(await use(), "refused");
  time.now = DAY_MS - 1;
  assert.equal(await use(), "refused");
  assert.equal(tried.length, 1);
  time.now = DAY_MS;
  assert.equal(await use(), "refused");
  assert.equal(tried.length, 2);
  assert.deepEqual(told, ["not_used"], "each time would fill the log");
  await forgetRefusal(desk);
  assert.equal(await use(), "refused");
  assert.equal(tried.length, 3);
});

Deno.test("useNewest() comes back by itself to nothing that was rolled back", async () => {
  const { desk, publish, use, tried, time } = machine({});
  await publish(1);
  assert.equal(await use(), "now");
  await rollBack(desk);
  time.now = 1_000 * DAY_MS;
  assert.equal(await use(), "refused");
  assert.deepEqual(tried, ["yes"]);
});

Deno.test("useOf() says what is in use, also after a rollback", async () => {
  const { desk, publish, use } = machine({});
  assert.deepEqual((await useOf(desk)).uses, {});
  for (const version of [1, 2]) {
    await publish(version);
    await use();
    assert.deepEqual((await useOf(desk)).uses, { [NAME]: version });
  }
  await rollBack(desk);
  assert.deepEqual((await useOf(desk)).uses, { [NAME]: 1 });
});

Deno.test("useNewest() forgets why files were not used once newer ones are", async () => {
  const says: { code?: string } = { code: "failed" };
  const { desk, publish, use, told } = machine(says);
  await publish(1);
  assert.equal(await use(), "refused");
  assert.equal(await whyRefused(desk), "it does not fit");
  delete says.code;
  await publish(2);
  assert.equal(await use(), "now");
  assert.equal(await whyRefused(desk), undefined);
  assert.deepEqual(told, ["not_used", "in_use"]);
});

Deno.test("useNewest() counts as in use what comes again under a greater version", async () => {
  const { desk, publish, use, tried } = machine({});
  await publish(7, "the same");
  assert.equal(await use(), "now");
  await publish(8, "the same");
  assert.equal(await use(), "nothing_new");
  assert.deepEqual((await useOf(desk)).uses, { [NAME]: 8 });
  assert.deepEqual(tried, ["yes"]);
});

Deno.test("useNewest() waits aloud where there is nothing to use, and nothing in use", async () => {
  const { desk, publish, use } = machine({});
  assert.deepEqual(await useNewest(desk), {
    used: "waits",
    for: "a first database: none is in use, kept here, or offered",
  });
  await publish(1);
  assert.equal(await use(), "now");
});
