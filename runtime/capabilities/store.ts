import * as v from "valibot";
import type { ScriptName } from "../core/documents/common.ts";
import { CapabilityError } from "../sandbox/mod.ts";
import { type Capability, type CapabilityCall, type Method, readParams } from "./capability.ts";
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
const bytesOf = (text: string) => encoder.encode(text).length;

/** Lone surrogates would become another key on their way through UTF-8. */
const keySchema = v.pipe(
  v.string(),
  v.minLength(1),
  v.check((key) => key.isWellFormed(), "must be well-formed text"),
  v.check(
    (key) => bytesOf(key) <= STORE_LIMITS.KEY_BYTES,
    `must be at most ${STORE_LIMITS.KEY_BYTES} bytes`,
  ),
);
const oneKey = v.strictObject({ key: keySchema });
const setSchema = v.strictObject({ key: keySchema, value: v.unknown() });
const addSchema = v.strictObject({
  key: keySchema,
  by: v.optional(v.pipe(v.number(), v.finite())),
});
const prefixSchema = v.pipe(
  v.string(),
  v.check((text) => text.isWellFormed(), "must be well-formed text"),
  v.maxLength(STORE_LIMITS.KEY_BYTES),
);
const listSchema = v.strictObject({
  prefix: v.optional(prefixSchema),
  after: v.optional(prefixSchema),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(STORE_LIMITS.LIST))),
});
const batchSchema = v.strictObject({
  writes: v.pipe(
    v.array(v.union([
      v.strictObject({ set: keySchema, value: v.unknown() }),
      v.strictObject({ delete: keySchema }),
    ])),
    v.maxLength(STORE_LIMITS.BATCH),
  ),
  checks: v.optional(v.pipe(
    v.array(v.strictObject({ key: keySchema, equals: v.optional(v.unknown()) })),
    v.maxLength(STORE_LIMITS.BATCH),
  )),
});

/**
 * A durable key-value store of one script: every write resolves after it is on disk, none passes
 * the quota. What is over a quota that was lowered stays, and can only shrink.
 *
 * @param quotaBytes Keys and values, and {@linkcode STORE_LIMITS}`.ENTRY_BYTES` for each.
 */
export function storeCapability(
  db: Database,
  script: ScriptName,
  quotaBytes: number,
): Capability {
  const store = new ScriptStore(db, script, quotaBytes);
  return {
    name: "store",
    shown: {},
    methods: new Map<string, Method>([
      ["store.get", ({ params }) => store.get(params)],
      ["store.set", ({ params }) => store.set(params)],
      ["store.delete", ({ params }) => store.delete(params)],
      ["store.list", ({ params }) => store.list(params)],
      ["store.batch", ({ params }) => store.batch(params)],
      ["store.add", ({ params }) => store.add(params)],
    ]),
  };
}

type Params = CapabilityCall["params"];
type Row = { key: string; value: string };

class ScriptStore {
  readonly #db: Database;
  readonly #script: ScriptName;
  readonly #quotaBytes: number;

  constructor(db: Database, script: ScriptName, quotaBytes: number) {
    this.#db = db;
    this.#script = script;
    this.#quotaBytes = quotaBytes;
  }

  get(params: Params) {
    const value = this.#read(readParams(oneKey, params).key);
    return { value: value === undefined ? { found: false } : { found: true, value } };
  }

  async set(params: Params) {
    const { key, value } = readParams(setSchema, params);
    const text = textOf(value);
    await this.#change(() => this.#put(key, text));
    return {};
  }

  async delete(params: Params) {
    const { key } = readParams(oneKey, params);
    return { value: await this.#change(() => this.#remove(key)) };
  }

  async add(params: Params) {
    const { key, by = 1 } = readParams(addSchema, params);
    const sum = await this.#change(() => {
      const before = this.#read(key) ?? 0;
      const after = typeof before === "number" ? before + by : NaN;
      if (!Number.isFinite(after)) {
        const message = `Cannot add to ${JSON.stringify(key)} as that makes no number`;
        throw new CapabilityError("invalid", message);
      }
      this.#put(key, textOf(after));
      return after;
    });
    return { value: sum };
  }

  async batch(params: Params) {
    const { writes, checks = [] } = readParams(batchSchema, params);
    const changes = writes.map((write) =>
      "set" in write ? { key: write.set, text: textOf(write.value) } : { key: write.delete }
    );
    const done = await this.#change(() => {
      if (!checks.every((check) => this.#holds(check))) return false;
      for (const { key, text } of changes) {
        if (text === undefined) this.#remove(key);
        else this.#put(key, text);
      }
      return true;
    });
    return { value: done };
  }

  /** As many as fit one answer; `done` tells whether that was all. Keys are in the order of UTF-8. */
  list(params: Params) {
    const { prefix = "", after = "", limit = STORE_LIMITS.LIST } = readParams(listSchema, params);
    const end = firstBeyond(prefix);
    const rows = this.#db
      .sql(
        `SELECT key, value FROM script_values
         WHERE script = ?1 AND key >= ?2 AND key > ?3 AND (?4 IS NULL OR key < ?4)
         ORDER BY key LIMIT ?5`,
      )
      .iterate(this.#script, prefix, after, end, limit) as Iterable<unknown> as Iterable<Row>;
    const entries: [string, unknown][] = [];
    let left: number = STORE_LIMITS.ANSWER_BYTES;
    // Row by row: what does not fit the answer is not read either.
    for (const { key, value } of rows) {
      left -= bytesOf(key) + bytesOf(value);
      if (left < 0 && entries.length > 0) return { value: { entries, done: false } };
      entries.push([key, JSON.parse(value)]);
    }
    return { value: { entries, done: true } };
  }

  #read(key: string): unknown {
    const row = this.#db
      .sql("SELECT value FROM script_values WHERE script = ? AND key = ?")
      .get(this.#script, key);
    return row && JSON.parse(row.value as string);
  }

  #holds(check: { key: string; equals?: unknown }): boolean {
    const row = this.#db
      .sql("SELECT bytes FROM script_values WHERE script = ? AND key = ?")
      .get(this.#script, check.key);
    if (!("equals" in check)) return row === undefined;
    // Equal values have texts of one length. Others are not read: there may be a thousand.
    return row?.bytes === entryBytes(check.key, JSON.stringify(check.equals)) &&
      sameJson(this.#read(check.key), check.equals);
  }

  /** Keeps the quota: a change that would pass it is taken back, one that only frees is not. */
  #change<T>(apply: () => T): Promise<T> {
    return this.#db.write(() => {
      const before = this.#bytes();
      const result = apply();
      const after = this.#bytes();
      if (after <= this.#quotaBytes || after <= before) return result;
      throw new CapabilityError(
        "quota",
        `Cannot store it as the quota is ${this.#quotaBytes} bytes: it would be ${after}`,
      );
    });
  }

  #bytes(): number {
    const row = this.#db
      .sql("SELECT bytes FROM script_value_bytes WHERE script = ?")
      .get(this.#script);
    return (row?.bytes as number | undefined) ?? 0;
  }

  #put(key: string, text: string): void {
    const bytes = entryBytes(key, text);
    this.#db
      .sql(
        `INSERT INTO script_values VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET value = excluded.value, bytes = excluded.bytes`,
      )
      .run(this.#script, key, text, bytes);
  }

  #remove(key: string): boolean {
    const { changes } = this.#db
      .sql("DELETE FROM script_values WHERE script = ? AND key = ?")
      .run(this.#script, key);
    return changes === 1;
  }
}

function entryBytes(key: string, text: string): number {
  return STORE_LIMITS.ENTRY_BYTES + bytesOf(key) + bytesOf(text);
}

function textOf(value: unknown): string {
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

/** The least text that is after all with this prefix; `null` when there is none. */
function firstBeyond(prefix: string): string | null {
  const points = [...prefix].map((character) => character.codePointAt(0)!);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return null;
  // No text has the code points of surrogates.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}
