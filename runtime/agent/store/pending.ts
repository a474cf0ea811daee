import type { ScriptName } from "../../core/documents/common.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { Store } from "./store.ts";

/** What was refused, or would have run in audit mode: all of one script by one rule together. */
export interface Pending {
  readonly script: ScriptName;
  /** What was ordered: a hash, or a range of versions. */
  readonly wanted: string;
  /** The rule that refused; `denied_permission` for what a script reached for and was not granted. */
  readonly rule: string;
  /** What was found the last time. */
  readonly message: string;
  /** Whose orders they were. */
  readonly orderers: readonly string[];
  /** The last run; `null` when the order was not even taken. */
  readonly run: number | null;
  readonly times: number;
  /** Milliseconds since the epoch. */
  readonly first: number;
  readonly last: number;
  /** Of a permission that was denied to a running script. */
  readonly permission?: string;
  readonly value?: string;
}

/**
 * Gathers what the newest runs and orders were refused for, the last one first. Whether a rule has
 * changed since, and would let it run now, is for whoever asks to find out.
 */
export function pendingIn(store: Store): Pending[] {
  const { PENDING, PENDING_SEARCHED } = AGENT_LIMITS;
  const runs = store.sql(REFUSED_RUNS).all(PENDING_SEARCHED, PENDING).map(pendingOf);
  const orders = store.sql(REFUSED_ORDERS).all(PENDING_SEARCHED, PENDING).map(pendingOf);
  return [...runs, ...orders].sort((a, b) => b.last - a.last).slice(0, PENDING);
}

/** What an order names; any version when it is not an order that somebody signed. */
function wantedBy(envelope: Uint8Array): string {
  try {
    const { script } = parseDocument("order", openEnvelope("order", envelope).payload);
    return "sha256" in script ? script.sha256 : script.range;
  } catch {
    return "*";
  }
}

/** SQLite takes the bare columns from the row that `max` found. */
const REFUSED_RUNS = `
SELECT runs.script AS script,
  envelope,
  iif(outcome ->> '$.outcome' = 'denied', 'denied_permission', outcome ->> '$.detail.rule') AS rule,
  outcome ->> '$.detail.message' AS message,
  json_array(orderer) AS orderers, max(runs.id) AS run, count(*) AS times,
  min(created) AS first, max(created) AS last,
  outcome ->> '$.detail.permission' AS permission, outcome ->> '$.detail.value' AS value
FROM (SELECT * FROM runs ORDER BY id DESC LIMIT ?) AS runs
  JOIN orders ON orders.id = runs.order_id
WHERE outcome ->> '$.outcome' IN ('refused', 'denied')
GROUP BY runs.script, rule, permission, value, orderer ORDER BY run DESC LIMIT ?`;

const REFUSED_ORDERS = `
SELECT detail ->> '$.script' AS script, detail ->> '$.wanted' AS wanted,
  detail ->> '$.code' AS rule, detail ->> '$.message' AS message,
  detail -> '$.orderers' AS orderers, NULL AS run, count(*) AS times,
  min(time) AS first, max(time) AS last, NULL AS permission, NULL AS value, max(seq) AS seq
FROM (SELECT * FROM audit ORDER BY seq DESC LIMIT ?)
WHERE event = 'order_refused' AND detail ->> '$.script' IS NOT NULL
GROUP BY script, rule, orderers ORDER BY seq DESC LIMIT ?`;

function pendingOf(row: Record<string, unknown>): Pending {
  const { permission, value, envelope, seq: _, ...rest } = row;
  return {
    ...rest,
    ...(envelope instanceof Uint8Array && { wanted: wantedBy(envelope) }),
    orderers: JSON.parse(row.orderers as string),
    ...(permission !== null && { permission, value: value ?? "" }),
  } as unknown as Pending;
}
