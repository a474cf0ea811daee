import type { KeyId } from "../../core/documents/common.ts";
import type { Order } from "../../core/documents/order.ts";
import type { AuditLog } from "../audit/audit_log.ts";
import { AgentError } from "../errors.ts";
import { getMeta, setMeta } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import type { StateDir } from "./state_dir.ts";

/** Since when this agent knows what it was ordered and called, if not since its key was made. */
export const KNOWN_SINCE = "orders_known_since";

/**
 * Whether an agent was here that is still known by its key, and what it did is not known any more.
 * Ask before key and database are opened, which makes them.
 */
export function hasLostRecords({ key, database }: Pick<StateDir, "key" | "database">): boolean {
  return isThere(key) && !isThere(database);
}

/**
 * Begins anew after a loss. Orders that were signed for this key before could have run already,
 * and nothing is left that would tell; so from now on only younger ones are taken. An agent that
 * was killed in its first moments, between key and database, loses nothing by that.
 *
 * @param now Milliseconds since the epoch.
 */
export async function beginAfterLoss(
  { store, audit, agent, now }: { store: Store; audit: AuditLog; agent: KeyId; now: number },
): Promise<void> {
  await store.write(() => {
    setMeta(store, KNOWN_SINCE, String(now));
    const from = new Date(now).toISOString();
    audit.append({ event: "records_lost", detail: { agent, from } });
  });
}

/**
 * Requires that an order would be in the records, had it come before.
 *
 * @throws {AgentError} records_lost – it was issued before the records begin.
 */
export function requireRecorded({ id, issued }: Order, store: Store): void {
  const since = recordsSince(store);
  if (Date.parse(issued) >= since) return;
  throw new AgentError(
    "records_lost",
    `Cannot take order ${id} as it was issued at ${issued}, before this agent lost its records at ` +
      new Date(since).toISOString(),
  );
}

/** Since when the records are whole, milliseconds since the epoch; 0 when they always were. */
export function recordsSince(store: Store): number {
  return Number(getMeta(store, KNOWN_SINCE) ?? 0);
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    // Whoever opens it says what is wrong.
    return true;
  }
}
