import assert from "node:assert/strict";
import type { HubDatabase } from "../../runtime/hub/database/hub_database.ts";
import { migrate } from "../../runtime/hub/database/migrate.ts";
import { MIGRATIONS } from "../../runtime/hub/database/migrations.ts";
import { openHubDatabase } from "../../runtime/hub/database/open_database.ts";
import { HubError } from "../../runtime/hub/errors.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { within } from "../within.ts";
import { testInBothStores } from "./stores.ts";

const TABLE = "CREATE TABLE things (id BIGINT PRIMARY KEY, word TEXT, bytes TEXT)";

async function withThings(where: string, body: (db: HubDatabase) => Promise<void>): Promise<void> {
  await using db = await openHubDatabase(where);
  await db.run(TABLE);
  await body(db);
}

testInBothStores("HubDatabase", {
  "gives back numbers, texts and nothing as they were put in": async (where) => {
    await withThings(where, async (db) => {
      const large = Number.MAX_SAFE_INTEGER;
      await db.run("INSERT INTO things VALUES (?1, ?2, NULL)", [large, "ü'\";--"]);
      const row = await db.get("SELECT id, word, bytes AS none FROM things");
      assert.deepEqual({ ...row as object }, { id: large, word: "ü'\";--", none: null });
      assert.equal(await db.get("SELECT id FROM things WHERE id = ?1", [1]), undefined);
    });
  },
  "gives back bytes as they were put in": async (where) => {
    await using db = await openHubDatabase(where);
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await db.run("INSERT INTO content_chunks VALUES (?1, ?2, ?3, ?4)", ["t", "d", 0, bytes]);
    const row = await db.get<{ bytes: Uint8Array }>("SELECT bytes FROM content_chunks");
    assert.deepEqual(new Uint8Array(row!.bytes), bytes);
  },
  "counts the rows that a change touched": async (where) => {
    await withThings(where, async (db) => {
      for (const id of [1, 2, 3]) await db.run("INSERT INTO things VALUES (?1, '', '')", [id]);
      assert.equal(await db.run("UPDATE things SET word = 'x' WHERE id > ?1", [1]), 2);
    });
  },
  "takes a whole transaction back that throws, and nothing of the others": async (where) => {
    await withThings(where, async (db) => {
      const put = (id: number) => db.run("INSERT INTO things VALUES (?1, '', '')", [id]);
      const failing = db.transaction(async (tx) => {
        await tx.run("INSERT INTO things VALUES (2, '', '')");
        throw new TypeError("no");
      });
      const [, failed] = await Promise.allSettled([put(1), failing, put(3)]);
      assert.equal(failed.status, "rejected");
      assert.ok((failed as PromiseRejectedResult).reason instanceof TypeError);
      const rows = await db.all<{ id: number }>("SELECT id FROM things ORDER BY id");
      assert.deepEqual(rows.map(({ id }) => id), [1, 3]);
    });
  },
  "answers questions while many changes wait for one row": async (where) => {
    await withThings(where, async (db) => {
      await db.run("INSERT INTO things VALUES (1, 'before', '')");
      const { promise: going, resolve: letGo } = Promise.withResolvers<void>();
      const changes = Array.from({ length: 20 }, () =>
        db.transaction(async (tx) => {
          await tx.run("UPDATE things SET word = 'after' WHERE id = 1");
          await going;
        }));
      const ask = () => db.get<{ word: string }>("SELECT word FROM things WHERE id = 1");
      const asked = Promise.all(Array.from({ length: 20 }, ask));
      const words = await within(asked, "answers").finally(letGo);
      assert.ok(words.every((row) => row?.word === "before"));
      await Promise.all(changes);
      assert.equal((await ask())?.word, "after");
    });
  },
  "lets one of many win that want the same row": async (where) => {
    await withThings(where, async (db) => {
      await db.run("INSERT INTO things VALUES (1, NULL, '')");
      const take = (who: number) =>
        db.transaction((tx) =>
          tx.get("UPDATE things SET word = ?1 WHERE id = 1 AND word IS NULL RETURNING word", [
            String(who),
          ])
        );
      const won = await Promise.all(Array.from({ length: 20 }, (_, i) => take(i)));
      assert.equal(won.filter((row) => row !== undefined).length, 1);
    });
  },
  "says database of what is no SQL": async (where) => {
    await using db = await openHubDatabase(where);
    const asks = [() => db.all("SELEKT"), () => db.transaction((tx) => tx.run("SELEKT"))];
    for (const ask of asks) {
      await assert.rejects(ask, (e) => e instanceof HubError && e.code === "database");
    }
  },
  "is refused when a newer Writ wrote it": async (where) => {
    await using db = await openHubDatabase(where);
    await migrate(db);
    await db.run("INSERT INTO hub_versions VALUES (?1)", [MIGRATIONS.length + 1]);
    await assert.rejects(migrate(db), (e) => e instanceof HubError && e.code === "database_newer");
  },
  "is brought to its version once, however often it is opened": async (where) => {
    await (await openHubDatabase(where))[Symbol.asyncDispose]();
    await using db = await openHubDatabase(where);
    assert.equal((await db.all("SELECT version FROM hub_versions")).length, MIGRATIONS.length);
  },
});

Deno.test("openHubDatabase() refuses what is no file and no PostgreSQL, without a password of it", async () => {
  for (const where of ["postgres:/ada:secret@db/writ", "mysql://ada:secret@db/writ"]) {
    await assert.rejects(
      openHubDatabase(where),
      (e) => e instanceof HubError && e.code === "database" && !e.message.includes("secret"),
    );
  }
});

Deno.test({
  name: "openHubDatabase() makes files that their owner alone can read",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    using folder = new TemporaryDir();
    await using db = await openHubDatabase(`${folder.path}/hub.db`);
    await db.run(TABLE);
    for (const name of ["hub.db", "hub.db-wal", "hub.db-shm"]) {
      assert.equal(Deno.statSync(`${folder.path}/${name}`).mode! & 0o777, 0o600, name);
    }
  },
});
