/** What one connection to PostgreSQL takes with it when it is lost: nothing but itself. */
import assert from "node:assert/strict";
import { requireReal } from "../real/require_real.ts";
import { HubError } from "../../runtime/hub/mod.ts";
import type { HubDatabase, HubQueries } from "../../runtime/hub/database/hub_database.ts";
import { openHubDatabase } from "../../runtime/hub/database/open_database.ts";
import { until } from "../until.ts";
import { RealPostgres } from "./real_postgres.ts";

const ignore = Deno.build.os !== "linux" || !requireReal(["../lib/postgresql/15/bin/postgres"]);
const isLost = (e: unknown) => e instanceof HubError && e.code === "database";
/** Ends the connection that asks, the first time. */
const END_ONCE =
  "SELECT CASE WHEN nextval('tries') = 1 THEN pg_terminate_backend(pg_backend_pid()) END";

/** A transaction that goes on when it is let, and says how often it was begun. */
function held(database: HubDatabase, id: number) {
  const { promise: going, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: pid, resolve: begun } = Promise.withResolvers<number>();
  let times = 0;
  const over = database.transaction(async (tx) => {
    times++;
    begun(await pidOf(tx));
    await tx.run("INSERT INTO things VALUES (?1)", [id]);
    await going;
    await tx.run("UPDATE things SET id = id WHERE id = ?1", [id]);
  });
  over.catch(() => {});
  return { pid, letGo, over, times: () => times };
}

async function pidOf(queries: HubQueries): Promise<number> {
  return (await queries.get<{ pid: number }>("SELECT pg_backend_pid() AS pid"))!.pid;
}

const stored = async (database: HubDatabase) =>
  (await database.all<{ id: number }>("SELECT id FROM things ORDER BY id")).map(({ id }) => id);

type Case = (database: HubDatabase, end: (pid: number) => Promise<void>) => Promise<void>;

const CASES: Readonly<Record<string, Case>> = {
  "that does nothing": async (database, end) => {
    const others = [1, 2, 3].map((id) => held(database, id));
    await Promise.all(others.map(({ pid }) => pid));
    await end(await pidOf(database));
    await database.get("SELECT 1");
    for (const { letGo } of others) letGo();
    await Promise.all(others.map(({ over }) => over));
    assert.deepEqual(others.map(({ times }) => times()), [1, 1, 1]);
    assert.deepEqual(await stored(database), [1, 2, 3]);
  },
  "of a transaction, which is done again by another one": async (database, end) => {
    const all = [1, 2, 3].map((id) => held(database, id));
    const pids = await Promise.all(all.map(({ pid }) => pid));
    await end(pids[1]!);
    for (const { letGo } of all) letGo();
    await Promise.all(all.map(({ over }) => over));
    assert.deepEqual(all.map(({ times }) => times()), [1, 2, 1]);
    assert.deepEqual(await stored(database), [1, 2, 3]);
  },
  "while it answers, and is asked again what stores nothing": async (database) => {
    await database.run("CREATE SEQUENCE tries");
    await database.get(END_ONCE);
    await database.run("ALTER SEQUENCE tries RESTART");
    await database.transaction(async (tx) => {
      await tx.run("INSERT INTO things VALUES (1)");
      await tx.get(END_ONCE);
    });
    assert.deepEqual(await stored(database), [1]);
  },
  "while it stores, and is not asked again": async (database) => {
    await database.run("CREATE SEQUENCE tries");
    const store = database.run(`INSERT INTO things SELECT 1 FROM (${END_ONCE}) AS ended`);
    await assert.rejects(store, isLost);
    assert.deepEqual(await stored(database), []);
  },
  "at the end of a transaction, which may be stored": async (database) => {
    await database.run(`CREATE FUNCTION ends() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'`);
    await database.run(`CREATE CONSTRAINT TRIGGER at_the_end AFTER INSERT ON things
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ends()`);
    let times = 0;
    const store = database.transaction(async (tx) => {
      times++;
      await tx.run("INSERT INTO things VALUES (1)");
    });
    await assert.rejects(store, isLost);
    assert.equal(times, 1);
  },
};

Deno.test({ name: "a connection to PostgreSQL is lost", ignore }, async (t) => {
  await using postgres = await RealPostgres.start();
  for (const [name, body] of Object.entries(CASES)) {
    await t.step(name, async () => {
      const where = await postgres.newDatabase();
      await using database = await openHubDatabase(where);
      await using other = await openHubDatabase(where);
      await database.run("CREATE TABLE things (id BIGINT)");
      await body(database, async (pid) => {
        await other.get("SELECT pg_terminate_backend(?1::int)", [pid]);
        const sql = "SELECT 1 FROM pg_stat_activity WHERE pid = ?1::int";
        await until(async () => await other.get(sql, [pid]) === undefined);
      });
      assert.equal((await database.get<{ n: number }>("SELECT 1 AS n"))!.n, 1);
    });
  }
  await t.step("that could not be made, as there are as many as there may be", async () => {
    const where = new URL(await postgres.newDatabase());
    await using admin = await openHubDatabase(where.href);
    await admin.run("CREATE TABLE things (id BIGINT)");
    await admin.run("CREATE ROLE few LOGIN CONNECTION LIMIT 2");
    await admin.run("GRANT ALL ON ALL TABLES IN SCHEMA public TO few");
    await admin.run("GRANT ALL ON SCHEMA public TO few");
    where.username = "few";
    await using database = await openHubDatabase(where.href);
    const others = [1, 2].map((id) => held(database, id));
    await Promise.all(others.map(({ pid }) => pid));
    await assert.rejects(database.get("SELECT 1"), isLost);
    for (const { letGo } of others) letGo();
    await Promise.all(others.map(({ over }) => over));
    assert.deepEqual(await stored(database), [1, 2]);
  });
});
