import type { ScriptName } from "../core/documents/common.ts";
import { CapabilityError } from "../sandbox/mod.ts";
import type { Database } from "./database.ts";

/** The tables of this capability. `bytes` is what an entry counts in the quota. */
export const STORE_TABLES = `
CREATE TABLE script_values (
  script TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (script, key)
) STRICT;

CREATE TABLE script_value_bytes (
  script TEXT PRIMARY KEY,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER script_values_added AFTER INSERT ON script_values BEGIN
  INSERT INTO script_value_bytes VALUES (new.script, new.bytes)
    ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER script_values_changed AFTER UPDATE ON script_values BEGIN
  UPDATE script_value_bytes SET bytes = bytes + new.bytes - old.bytes WHERE script = new.script;
END;
CREATE TRIGGER script_values_removed AFTER DELETE ON script_values BEGIN
  UPDATE script_value_bytes SET bytes = bytes - old.bytes WHERE script = old.script;
END;
`;

/** Bounds of one store. Bytes are of UTF-8. */
export const STORE_LIMITS = {
  KEY_BYTES: 512,
  /** JSON of one value. */
  VALUE_BYTES: 64_000,
  /** What an entry counts beside its key and value, so that many empty ones are not free. */
  ENTRY_BYTES: 64,
  /** Writes, and checks, of one batch. */
  BATCH: 1_000,
  /** Entries in one list. */
  LIST: 1_000,
  /** Values in one answer; the rest is asked for again. */
  ANSWER_BYTES: 200_000,
} as const;

const encoder = new TextEncoder();
/** As UTF-8. */
export const bytesOf = (text: string) => encoder.encode(text).length;

/** What must hold for a change; without `equals` there must be no such key. */
export interface EntryCheck {
  readonly key: string;
  readonly equals?: unknown;
}

/** An entry as it is to be: without `text`, which is JSON, it is removed. */
export interface EntryChange {
  readonly key: string;
  readonly text?: string;
}

/** The entries of one script. What changes them is called inside a transaction. */
export class StoreEntries {
  readonly #db: Database;
  readonly #script: ScriptName;
  readonly #quotaBytes: number;

  constructor(db: Database, script: ScriptName, quotaBytes: number) {
    this.#db = db;
    this.#script = script;
    this.#quotaBytes = quotaBytes;
  }

  /** Makes all changes, or none where a check does not hold. @returns whether it did. */
  batch(changes: readonly EntryChange[], checks: readonly EntryCheck[]): boolean {
    if (!checks.every((check) => this.#holds(check))) return false;
    for (const { key, text } of changes) {
      if (text === undefined) this.remove(key);
      else this.put(key, text);
    }
    return true;
  }

  get(key: string): unknown {
    const row = this.#db
      .sql("SELECT value FROM script_values WHERE script = ? AND key = ?")
      .get(this.#script, key);
    return row && JSON.parse(row.value as string);
  }

  #holds(check: EntryCheck): boolean {
    const row = this.#db
      .sql("SELECT bytes FROM script_values WHERE script = ? AND key = ?")
      .get(this.#script, check.key);
    if (!("equals" in check)) return row === undefined;
    // Equal values have texts of one length. Others are not read: there may be a thousand.
    return row?.bytes === entryBytes(check.key, JSON.stringify(check.equals)) &&
      sameJson(this.get(check.key), check.equals);
  }

  /**
   * Keeps the quota: a change that would pass it throws, so that its transaction is taken back; one
   * that only frees does not.
   *
   * @throws {CapabilityError} quota
   */
  bounded<T>(apply: () => T): T {
    const before = this.#bytes();
    const result = apply();
    const after = this.#bytes();
    if (after <= this.#quotaBytes || after <= before) return result;
    const found = `the quota is ${this.#quotaBytes} bytes: it would be ${after}`;
    throw new CapabilityError("quota", `Cannot store it as ${found}`);
  }

  #bytes(): number {
    const row = this.#db
      .sql("SELECT bytes FROM script_value_bytes WHERE script = ?")
      .get(this.#script);
    return (row?.bytes as number | undefined) ?? 0;
  }

  put(key: string, text: string): void {
    const bytes = entryBytes(key, text);
    this.#db
      .sql(
        `INSERT INTO script_values VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET value = excluded.value, bytes = excluded.bytes`,
      )
      .run(this.#script, key, text, bytes);
  }

  remove(key: string): boolean {
    const { changes } = this.#db
      .sql("DELETE FROM script_values WHERE script = ? AND key = ?")
      .run(this.#script, key);
    return changes === 1;
  }
}
function entryBytes(key: string, text: string): number {
  return STORE_LIMITS.ENTRY_BYTES + bytesOf(key) + bytesOf(text);
}

/**
 * JSON of a value.
 *
 * @throws {CapabilityError} invalid – when it is too long
 */
export function textOf(value: unknown): string {
  const text = JSON.stringify(value);
  if (bytesOf(text) <= STORE_LIMITS.VALUE_BYTES) return text;
  throw new CapabilityError(
    "invalid",
    `Cannot store a value as it is longer than ${STORE_LIMITS.VALUE_BYTES} bytes`,
  );
}

/** Whatever the sequence of keys in objects. */
function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length &&
      a.every((item, i) => sameJson(item, b[i]));
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key]));
}
