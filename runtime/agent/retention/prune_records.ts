import { getMeta, setMeta } from "../store/meta.ts";
import type { Store } from "../store/store.ts";

/** Rows looked at in one transaction, so that orders which come in meanwhile wait little. */
const BATCH = 500;
/** Up to which end of a run its events are gone, so that none is looked for twice. */
const EVENTS_GONE = "events_gone_until";

/**
 * Removes what runs that ended before a time said on their way; the outcome, their last event,
 * stays for whoever follows them late.
 *
 * @param before Milliseconds since the epoch.
 */
export async function pruneEvents(store: Store, before: number): Promise<void> {
  for (let more = true; more;) {
    more = await store.write(() => {
      const since = Number(getMeta(store, EVENTS_GONE) ?? -1);
      const ends = store.sql(
        `SELECT ended FROM runs WHERE state = 'ended' AND ended > ? AND ended <= ?
         ORDER BY ended LIMIT ?`,
      ).all(since, before, BATCH);
      if (ends.length === 0) return false;
      const until = Number(ends.at(-1)!.ended);
      store.sql(
        `DELETE FROM run_events WHERE run IN
           (SELECT id FROM runs WHERE state = 'ended' AND ended > ? AND ended <= ?)
         AND seq < (SELECT max(seq) FROM run_events AS last WHERE last.run = run_events.run)`,
      ).run(since, until);
      setMeta(store, EVENTS_GONE, String(until));
      return ends.length === BATCH;
    });
  }
}

/** What {@linkcode pruneRuns} goes by. */
export interface PruneRunsOptions {
  /** Orders all of whose runs ended before go; milliseconds since the epoch. */
  before: number;
  /** Earlier than this no clock is believed, so an order that has expired by then cannot come back. */
  floor: number;
  /** Orders at most, the oldest first. Default: all of them. */
  most?: number;
  /** Leaves those whose idempotency key still keeps a second run away. */
  keepIdempotent?: boolean;
}

/**
 * Removes orders and their runs. The id of an order stays, as long as it would be in time again if
 * the clock were set back: it is refused as seen before.
 *
 * @returns how many orders were removed.
 */
export async function pruneRuns(store: Store, options: PruneRunsOptions): Promise<number> {
  const { before, floor, most = Infinity, keepIdempotent = false } = options;
  let removed = 0;
  await store.write(() => store.sql("DELETE FROM spent_orders WHERE expires <= ?").run(floor));
  while (removed < most) {
    const size = Math.min(BATCH, most - removed);
    const count = await store.write(() => {
      const orders = oldOrders(store, before, size, keepIdempotent);
      for (const id of orders) removeOrder(store, id, floor);
      return orders.length;
    });
    removed += count;
    if (count < size) break;
  }
  return removed;
}

function oldOrders(store: Store, before: number, most: number, keepIdempotent: boolean): string[] {
  return store.sql(
    `SELECT DISTINCT order_id AS id FROM runs JOIN orders ON orders.id = order_id
     WHERE state = 'ended' AND ended < ?1 AND (?2 = 0 OR idempotency_key IS NULL)
       AND NOT EXISTS (SELECT 1 FROM runs AS other WHERE other.order_id = runs.order_id
         AND (other.state <> 'ended' OR other.ended >= ?1))
     ORDER BY ended LIMIT ?3`,
  ).all(before, keepIdempotent ? 1 : 0, most).map(({ id }) => String(id));
}

function removeOrder(store: Store, id: string, floor: number): void {
  store.sql("DELETE FROM run_events WHERE run IN (SELECT id FROM runs WHERE order_id = ?)").run(id);
  store.sql("DELETE FROM runs WHERE order_id = ?").run(id);
  store.sql(
    "INSERT OR IGNORE INTO spent_orders SELECT id, expires FROM orders WHERE id = ? AND expires > ?",
  ).run(id, floor);
  store.sql("DELETE FROM orders WHERE id = ?").run(id);
}
