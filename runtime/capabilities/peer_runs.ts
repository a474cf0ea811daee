import type { KeyId, ScriptName } from "../core/documents/common.ts";
import type { Database } from "./database.ts";

/** What each script ordered elsewhere: it may ask after that alone. */
export const PEER_TABLES = `
CREATE TABLE peer_runs (
  script TEXT NOT NULL,
  peer TEXT NOT NULL,
  run INTEGER NOT NULL,
  stored INTEGER NOT NULL,
  PRIMARY KEY (script, peer, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX peer_runs_by_age ON peer_runs (stored);
`;

/** How long the agent remembers what a script ordered elsewhere. */
const KEPT_MS = 30 * 86_400_000;

/** Remembers a run that a peer took; what is older than 30 days is forgotten with it. */
export async function rememberPeerRun(
  db: Database,
  order: { script: ScriptName; peer: KeyId; run: number },
  now: number,
): Promise<void> {
  const { script, peer, run } = order;
  await db.write(() => {
    db.sql("DELETE FROM peer_runs WHERE stored < ?").run(now - KEPT_MS);
    db.sql("INSERT OR REPLACE INTO peer_runs VALUES (?, ?, ?, ?)").run(script, peer, run, now);
  });
}

/** Whether a script ordered this run. */
export function orderedPeerRun(
  db: Database,
  { script, peer, run }: { script: ScriptName; peer: KeyId; run: number },
): boolean {
  return db
    .sql("SELECT 1 FROM peer_runs WHERE script = ? AND peer = ? AND run = ?")
    .get(script, peer, run) !== undefined;
}
