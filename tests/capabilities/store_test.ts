import assert from "node:assert/strict";
import fc from "fast-check";
import { storeCapability } from "../../runtime/capabilities/store.ts";
import { STORE_LIMITS } from "../../runtime/capabilities/store_entries.ts";
import type { Database } from "../../runtime/capabilities/database.ts";
import { ask, refuses, TestDatabase } from "./fixture.ts";

const SCRIPT = "acme/print";
const MB = 1_000_000;

interface Listed {
  entries: [key: string, value: unknown][];
  done: boolean;
}

Deno.test("ctx.store keeps what was set, apart from that of other scripts", async () => {
  using database = new TestDatabase();
  const mine = storeCapability(database.store, SCRIPT, MB);
  await ask(mine, "store.set", { key: "a", value: { n: [1, null] } });
  const other = storeCapability(database.store, "acme/other", MB);
  assert.deepEqual(await ask(other, "store.get", { key: "a" }), { found: false });
  database.reopen();
  const later = storeCapability(database.store, SCRIPT, MB);
  assert.deepEqual(await ask(later, "store.get", { key: "a" }), {
    found: true,
    value: { n: [1, null] },
  });
  assert.equal(await ask(later, "store.delete", { key: "a" }), true);
  assert.equal(await ask(later, "store.delete", { key: "a" }), false);
});

Deno.test("ctx.store lists by prefix, in order, in pieces", async () => {
  using database = new TestDatabase();
  const store = storeCapability(database.store, SCRIPT, 10 * MB);
  const text = fc.string({
    minLength: 1,
    maxLength: 4,
    unit: fc.constantFrom("a", "b", "é", "\u{10ffff}", "\ud7ff", "😀"),
  });
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(text, { maxLength: 12 }), text, async (keys, prefix) => {
      for (const key of keys) await ask(store, "store.set", { key, value: key });
      const { entries, done } = await ask<Listed>(store, "store.list", { prefix });
      assert.equal(done, true);
      const expected = keys.filter((key) => key.startsWith(prefix));
      assert.deepEqual(new Set(entries.map(([key]) => key)), new Set(expected));
      for (const key of keys) await ask(store, "store.delete", { key });
    }),
    { numRuns: 40 },
  );
  const value = "x".repeat(60_000);
  for (const n of [3, 1, 5, 2, 4]) await ask(store, "store.set", { key: `n${n}`, value });
  const first = await ask<Listed>(store, "store.list", {});
  assert.deepEqual([first.entries.map(([key]) => key), first.done], [
    ["n1", "n2", "n3"],
    false,
  ]);
  const rest = await ask<Listed>(store, "store.list", { after: "n3", limit: 1 });
  assert.deepEqual([rest.entries.length, rest.entries[0]?.[0], rest.done], [1, "n4", true]);
});

Deno.test("ctx.store reads no more rows than an answer has room for", async () => {
  using database = new TestDatabase();
  const { store } = database;
  let read = 0;
  const counted = (row: unknown) => (read += Object(row).value?.length ?? 0, row);
  const counting = {
    write: store.write.bind(store),
    sql: (text: string) => ({
      get: (...values: string[]) => counted(store.sql(text).get(...values)),
      all: (...values: string[]) => store.sql(text).all(...values).map(counted),
      iterate: (...values: string[]) => store.sql(text).iterate(...values).map(counted),
      run: (...values: string[]) => store.sql(text).run(...values),
    }),
  } as unknown as Database;
  const own = storeCapability(counting, SCRIPT, 10 * MB);
  const value = "x".repeat(60_000);
  const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
  for (const key of keys) await ask(own, "store.set", { key, value });
  assert.equal((await ask<Listed>(own, "store.list", {})).entries.length, 3);
  assert.ok(read < 300_000, `${read} characters of values for a list`);

  read = 0;
  const checks = Array.from({ length: 1_000 }, () => ({ key: "k1", equals: "y".repeat(20) }));
  assert.equal(await ask(own, "store.batch", { writes: [], checks }), false);
  const equal = [{ key: "k1", equals: value }, ...keys.map((key) => ({ key: `no ${key}` }))];
  assert.equal(await ask(own, "store.batch", { writes: [], checks: equal }), true);
  assert.ok(read < 100_000, `${read} characters of values for checks`);
});

Deno.test("ctx.store writes a batch whole, or not at all when a check fails", async () => {
  using database = new TestDatabase();
  const store = storeCapability(database.store, SCRIPT, MB);
  const batch = (writes: unknown, checks: unknown) => ask(store, "store.batch", { writes, checks });
  assert.equal(await batch([{ set: "a", value: 1 }], [{ key: "a" }]), true);
  assert.equal(await batch([{ set: "a", value: 2 }], [{ key: "a" }]), false, "it is there");
  assert.equal(await batch([{ set: "o", value: { x: 1, y: 2 } }], [{ key: "a", equals: 1 }]), true);
  const swap = [{ delete: "o" }, { set: "p", value: null }];
  assert.equal(await batch(swap, [{ key: "o", equals: { y: 2, x: 1, z: 0 } }]), false);
  assert.equal(await batch(swap, [{ key: "o", equals: { y: 2, x: 1 } }]), true);
  assert.equal(await batch([], [{ key: "p", equals: null }]), true);
  assert.equal(await batch([], [{ key: "gone", equals: null }]), false, "null is a value");
  assert.deepEqual((await ask<Listed>(store, "store.list", {})).entries, [["a", 1], ["p", null]]);
});

Deno.test("ctx.store counts without losing a count", async () => {
  using database = new TestDatabase();
  const store = storeCapability(database.store, SCRIPT, MB);
  await Promise.all(Array.from({ length: 50 }, () => ask(store, "store.add", { key: "n" })));
  assert.equal(await ask(store, "store.add", { key: "n", by: -8 }), 42);
  await ask(store, "store.set", { key: "t", value: "text" });
  await refuses("invalid", ask(store, "store.add", { key: "t" }));
});

Deno.test("ctx.store keeps its quota to the byte, and lets a full store shrink", async () => {
  using database = new TestDatabase();
  const bytes = (key: string, value: unknown) =>
    STORE_LIMITS.ENTRY_BYTES + key.length + JSON.stringify(value).length;
  const value = "x".repeat(100);
  const quota = bytes("a", value) + bytes("b", value);
  const store = storeCapability(database.store, SCRIPT, quota);
  await ask(store, "store.set", { key: "a", value });
  await refuses("quota", ask(store, "store.set", { key: "b", value: value + "x" }));
  await ask(store, "store.set", { key: "b", value });
  await refuses("quota", ask(store, "store.set", { key: "b", value: value + "x" }));
  const writes = [{ delete: "a" }, { set: "c", value }, { set: "d", value }];
  await refuses("quota", ask(store, "store.batch", { writes }));
  assert.deepEqual((await ask<Listed>(store, "store.list", {})).entries.length, 2, "nothing of it");
  const smaller = storeCapability(database.store, SCRIPT, 10);
  await ask(smaller, "store.set", { key: "a", value: "" });
  await refuses("quota", ask(smaller, "store.set", { key: "a", value: "x" }));
});

Deno.test("ctx.store refuses", async (t) => {
  using database = new TestDatabase();
  const store = storeCapability(database.store, SCRIPT, MB);
  const cases: [what: string, method: string, params: unknown][] = [
    ["no params", "store.get", null],
    ["an empty key", "store.get", { key: "" }],
    ["a key that is too long", "store.set", { key: "é".repeat(257), value: 1 }],
    ["half a character", "store.get", { key: "\ud800" }],
    ["a field too many", "store.get", { key: "a", script: "acme/other" }],
    ["no value", "store.set", { key: "a" }],
    ["a value that is too long", "store.set", { key: "a", value: "x".repeat(64_000) }],
    ["a limit beyond the highest", "store.list", { limit: 1_001 }],
    ["a write that is none", "store.batch", { writes: [{ put: "a" }] }],
    ["a step that is no number", "store.add", { key: "a", by: "1" }],
  ];
  for (const [what, method, params] of cases) {
    await t.step(what, () => refuses("invalid", ask(store, method, params)));
  }
  await ask(store, "store.set", { key: "é".repeat(256), value: "x".repeat(63_998) });
});
