import { requireReal } from "../real/require_real.ts";
import { RealPostgres } from "./real_postgres.ts";
import { TemporaryDir } from "../temporary_dir.ts";

/** What a test is given: an empty store of its own. */
export type InStore = (database: string) => Promise<void>;

/** Debian keeps the server out of everybody's path. */
const SERVER = "../lib/postgresql/15/bin/postgres";

/**
 * Declares the same tests for each store, as the same must hold in both. PostgreSQL is a real one,
 * ignored loudly where it is missing.
 */
export function testInBothStores(title: string, tests: Readonly<Record<string, InStore>>): void {
  Deno.test(`${title} (sqlite)`, async (t) => {
    for (const [name, body] of Object.entries(tests)) {
      await t.step(name, async () => {
        using folder = new TemporaryDir();
        await body(`${folder.path}/hub.db`);
      });
    }
  });
  const ignore = Deno.build.os !== "linux" || !requireReal([SERVER]);
  Deno.test({ name: `${title} (postgres)`, ignore }, async (t) => {
    await using postgres = await RealPostgres.start();
    for (const [name, body] of Object.entries(tests)) {
      await t.step(name, async () => await body(await postgres.newDatabase()));
    }
  });
}
