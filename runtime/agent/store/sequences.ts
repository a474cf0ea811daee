import type { ScriptName } from "../../core/documents/common.ts";
import type { Store } from "./store.ts";

/** The highest sequence of a script that ran here, so that an older release cannot come back. */
export function highestSequence(store: Store, script: ScriptName): number | undefined {
  const row = store.sql("SELECT sequence FROM sequences WHERE script = ?").get(script);
  return row?.sequence as number | undefined;
}

/** Call inside `Store.write()`. */
export function raiseSequence(store: Store, script: ScriptName, sequence: number): void {
  store
    .sql(
      `INSERT INTO sequences VALUES (?, ?)
       ON CONFLICT DO UPDATE SET sequence = max(sequence, excluded.sequence)`,
    )
    .run(script, sequence);
}
