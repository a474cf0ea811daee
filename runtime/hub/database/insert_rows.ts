import type { HubQueries, SqlValue } from "./hub_database.ts";

/** Rows of one statement at most: a power of two, so that lists of all lengths make few texts. */
const AT_ONCE = 256;

/**
 * Inserts many rows by few statements: each is a question of its own to a store elsewhere.
 *
 * @param into As `agent_labels` or `users (id, name)`.
 * @param rows Each as long as the first.
 */
export async function insertRows(
  tx: HubQueries,
  into: string,
  rows: readonly (readonly SqlValue[])[],
): Promise<void> {
  for (let i = 0, count = AT_ONCE; i < rows.length; i += count) {
    while (count > rows.length - i) count /= 2;
    const some = rows.slice(i, i + count);
    let place = 0;
    const places = some.map((row) => `(${row.map(() => `?${++place}`).join(", ")})`);
    await tx.run(`INSERT INTO ${into} VALUES ${places.join(", ")}`, some.flat());
    // Others are heard between two of them.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
