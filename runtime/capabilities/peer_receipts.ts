import type { KeyId, ScriptName } from "../core/documents/common.ts";
import type { Database } from "./database.ts";

/** What each script ordered elsewhere, and with what it may ask after it. */
export const PEER_TABLES = `
CREATE TABLE peer_receipts (
  script TEXT NOT NULL,
  peer TEXT NOT NULL,
  run INTEGER NOT NULL,
  receipt TEXT NOT NULL,
  stored INTEGER NOT NULL,
  PRIMARY KEY (script, peer, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX peer_receipts_by_age ON peer_receipts (stored);
`;

/** How long the agent remembers what a script ordered elsewhere. */
const KEPT_MS = 30 * 86_400_000;

/** Stores what a peer answered to an order; what is older than 30 days leaves with it. */
export async function storeReceipt(
  db: Database,
  order: { script: ScriptName; peer: KeyId; run: number; receipt: string },
  now: number,
): Promise<void> {
  const { script, peer, run, receipt } = order;
  await db.write(() => {
    db.sql("DELETE FROM peer_receipts WHERE stored < ?").run(now - KEPT_MS);
    db.sql("INSERT OR REPLACE INTO peer_receipts VALUES (?, ?, ?, ?, ?)")
      .run(script, peer, run, receipt, now);
  });
}

/** With what a script may ask after a run it ordered; `undefined` when it did not. */
export function findReceipt(
  db: Database,
  script: ScriptName,
  peer: KeyId,
  run: number,
): string | undefined {
  const row = db
    .sql("SELECT receipt FROM peer_receipts WHERE script = ? AND peer = ? AND run = ?")
    .get(script, peer, run);
  return row?.receipt as string | undefined;
}
