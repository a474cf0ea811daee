import type { Outcome } from "../../core/outcome.ts";
import type { KeyId } from "../../core/documents/common.ts";
import type { AuditLog } from "../audit/audit_log.ts";
import { getMeta } from "../store/meta.ts";
import type { Store } from "../store/store.ts";

/** Under which a restore leaves word for the agent's first start. */
export const RESTORED = "restored";

/** How a run ends whose fate after the backup nobody knows. */
export function interruptedOutcome(): Outcome {
  return { outcome: "interrupted", detail: { reason: "the state was restored from a backup" } };
}

/** Writes into the audit log that the state came from a backup, once. */
export async function recordRestore(
  { store, audit, agent }: { store: Store; audit: AuditLog; agent: KeyId },
): Promise<void> {
  const word = getMeta(store, RESTORED);
  if (word === undefined) return;
  const { time, interrupted } = JSON.parse(word);
  const from = new Date(time).toISOString();
  await store.write(() => {
    store.sql("DELETE FROM meta WHERE key = ?").run(RESTORED);
    audit.append({ event: "state_restored", detail: { agent, from, interrupted } });
  });
}
