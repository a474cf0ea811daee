import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { AGENT_LIMITS } from "../../runtime/agent/limits.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { openDatabase } from "../../runtime/agent/store/open_database.ts";
import { APPLICATION_ID, SCHEMA_STEPS, STATE_VERSION } from "../../runtime/agent/store/schema.ts";
import { getMeta, setMeta } from "../../runtime/agent/store/meta.ts";
import { RunEventTable } from "../../runtime/agent/store/run_events.ts";
import { Store } from "../../runtime/agent/store/store.ts";
import { TestAgent } from "./agent_fixture.ts";
import { TemporaryDir } from "../temporary_dir.ts";

Deno.test("Store.write() acknowledges after the commit, several changes with one", async () => {
  using folder = new TemporaryDir();
  const path = `${folder.path}/agent.db`;
  using store = Store.open(path);
  let commits = 0;
  store.onCommit({ before: () => void commits++ });
  const writes = Array.from({ length: 20 }, (_, i) =>
    store.write(() => {
      setMeta(store, `key-${i}`, String(i));
      return i;
    }));
  // Another connection sees only what is committed.
  using other = new DatabaseSync(path, { readOnly: true });
  const count = () => other.prepare("SELECT count(*) AS n FROM meta").get()!.n;
  assert.equal(count(), 0);
  assert.deepEqual(await Promise.all(writes), Array.from({ length: 20 }, (_, i) => i));
  assert.equal(count(), 20);
  assert.equal(commits, 1);
});

Deno.test("Store.writeLater() commits with the next change, or by itself", async () => {
  using folder = new TemporaryDir();
  using store = Store.open(`${folder.path}/agent.db`);
  let commits = 0;
  store.onCommit({ before: () => void commits++ });
  const later = store.writeLater(() => "later");
  assert.equal(await store.write(() => commits), 0, "the same transaction");
  assert.equal(await later, "later");
  assert.equal(commits, 1);
  assert.equal(await store.writeLater(() => "alone"), "alone");
  assert.equal(commits, 2);
});

Deno.test("Store.write() takes back a change that throws and keeps its neighbours", async () => {
  using folder = new TemporaryDir();
  using store = Store.open(`${folder.path}/agent.db`);
  const fault = new Error("on purpose");
  const results = await Promise.allSettled([
    store.write(() => setMeta(store, "a", "1")),
    store.write(() => {
      setMeta(store, "a", "2");
      throw fault;
    }),
    store.write(() => getMeta(store, "a")),
  ]);
  assert.deepEqual(results, [
    { status: "fulfilled", value: undefined },
    { status: "rejected", reason: fault },
    { status: "fulfilled", value: "1" },
  ]);
});

Deno.test("Store.write() acknowledges nothing of a batch that found the disk full", async () => {
  using folder = new TemporaryDir();
  using store = Store.open(`${folder.path}/agent.db`);
  await store.write(() => setMeta(store, "before", "1"));
  const pages = store.sql("PRAGMA page_count").get()!.page_count;
  store.sql(`PRAGMA max_page_count = ${pages}`).get();
  const results = await Promise.allSettled([
    store.write(() => setMeta(store, "small", "1")),
    store.write(() => setMeta(store, "large", "x".repeat(100_000))),
  ]);
  for (const result of results) {
    assert.equal(result.status, "rejected");
    assert.equal(result.reason.code, "disk_full");
  }
  assert.equal(getMeta(store, "small"), undefined);
  assert.equal(getMeta(store, "before"), "1");
  store.sql("PRAGMA max_page_count = 1000000").get();
  await store.write(() => setMeta(store, "small", "2"));
  assert.equal(getMeta(store, "small"), "2", "and goes on when there is room again");
});

Deno.test("Store commits what is queued when it is closed", async () => {
  using folder = new TemporaryDir();
  const path = `${folder.path}/agent.db`;
  let write: Promise<void>;
  {
    using store = Store.open(path);
    write = store.write(() => setMeta(store, "last", "1"));
  }
  await write;
  using store = Store.open(path);
  assert.equal(getMeta(store, "last"), "1");
});

Deno.test("openDatabase() syncs every commit to disk", () => {
  using folder = new TemporaryDir();
  using db = openDatabase(`${folder.path}/agent.db`);
  assert.equal(db.prepare("PRAGMA synchronous").get()!.synchronous, 2);
  assert.equal(db.prepare("PRAGMA journal_mode").get()!.journal_mode, "wal");
});

Deno.test("openDatabase() leaves a database of a newer version untouched", async (t) => {
  await t.step("folded in", () => {
    using folder = new TemporaryDir();
    const path = `${folder.path}/agent.db`;
    openDatabase(path).close();
    {
      using db = new DatabaseSync(path);
      db.exec(`PRAGMA user_version = ${STATE_VERSION + 1}`);
    }
    const before = Deno.readFileSync(path);
    assert.throws(() => openDatabase(path), { name: "AgentError", code: "state_newer" });
    assert.deepEqual(Deno.readFileSync(path), before);
    assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["agent.db"]);
  });
  await t.step("still in the log of a crashed agent", () => {
    using folder = new TemporaryDir();
    const path = `${folder.path}/agent.db`;
    openDatabase(path).close();
    {
      using db = new DatabaseSync(path);
      db.exec(`PRAGMA user_version = ${STATE_VERSION + 1}`);
      for (const name of ["agent.db", "agent.db-wal"]) {
        Deno.copyFileSync(`${folder.path}/${name}`, `${folder.path}/copy${name.slice(5)}`);
      }
    }
    assert.throws(() => openDatabase(`${folder.path}/copy.db`), { code: "state_newer" });
  });
});

Deno.test("openDatabase() opens its own database again and refuses others", async (t) => {
  using folder = new TemporaryDir();
  await t.step("its own", () => {
    openDatabase(`${folder.path}/own.db`).close();
    openDatabase(`${folder.path}/own.db`).close();
  });
  await t.step("another program's", () => {
    using db = new DatabaseSync(`${folder.path}/other.db`);
    db.exec("CREATE TABLE t (a)");
    assert.throws(() => openDatabase(`${folder.path}/other.db`), { code: "state_unreadable" });
  });
  await t.step("no database at all", () => {
    Deno.writeTextFileSync(`${folder.path}/text.db`, "hello".repeat(1000));
    // Its bytes 60 to 63 read as a version; either way it is refused and stays.
    assert.throws(() => openDatabase(`${folder.path}/text.db`), { name: "AgentError" });
    assert.ok(Deno.readTextFileSync(`${folder.path}/text.db`).startsWith("hellohello"));
  });
});

Deno.test("openDatabase() brings a database of each older version up to date", async (t) => {
  const tablesOf = (db: DatabaseSync) =>
    db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  using folder = new TemporaryDir();
  using fresh = openDatabase(`${folder.path}/fresh.db`);
  for (let version = 1; version < STATE_VERSION; version++) {
    await t.step(`version ${version}`, () => {
      const path = `${folder.path}/${version}.db`;
      {
        using old = new DatabaseSync(path);
        old.exec(SCHEMA_STEPS.slice(0, version).join(""));
        old.exec("INSERT INTO meta VALUES ('kept', '1')");
        old.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version}`);
      }
      using db = openDatabase(path);
      assert.deepEqual(tablesOf(db), tablesOf(fresh));
      assert.equal(db.prepare("PRAGMA user_version").get()!.user_version, STATE_VERSION);
      assert.equal(db.prepare("SELECT value FROM meta").get()!.value, "1");
    });
  }
});

Deno.test("RunEventTable.after() reads no further than what is long enough to be sent", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const { run } = await test.order();
  await test.ended(run);
  await test.agent.stop();
  using store = Store.open(statePaths(test.stateDir).database);
  const events = new RunEventTable(store);
  const first = events.after(run, 0, 100).at(-1)!.seq;
  const text = "x".repeat(AGENT_LIMITS.EVENT_PAGE_CHARACTERS / 2);
  await store.write(() => {
    for (let i = 0; i < 5; i++) events.append(run, 0, { type: "log", level: "info", text });
  });
  const pages: number[] = [];
  for (let after = first;;) {
    const page = events.after(run, after, 100);
    if (page.length === 0) break;
    pages.push(page.length);
    after = page.at(-1)!.seq;
  }
  assert.deepEqual(pages, [2, 2, 1]);
  assert.equal(events.after(run, first, 1).length, 1);
});
