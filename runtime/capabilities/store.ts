import * as v from "valibot";
import type { ScriptName } from "../core/documents/common.ts";
import { CapabilityError } from "../sandbox/mod.ts";
import { type Capability, type CapabilityCall, type Method, readParams } from "./capability.ts";
import type { Database } from "./database.ts";
import { bytesOf, STORE_LIMITS, StoreEntries, textOf } from "./store_entries.ts";

/** Lone surrogates would become another key on their way through UTF-8. */
export const keySchema = v.pipe(
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
/** What a batch makes sure of first. */
export const checksSchema = v.optional(v.pipe(
  v.array(v.strictObject({ key: keySchema, equals: v.optional(v.unknown()) })),
  v.maxLength(STORE_LIMITS.BATCH),
));
const batchSchema = v.strictObject({
  writes: v.pipe(
    v.array(v.union([
      v.strictObject({ set: keySchema, value: v.unknown() }),
      v.strictObject({ delete: keySchema }),
    ])),
    v.maxLength(STORE_LIMITS.BATCH),
  ),
  checks: checksSchema,
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
  readonly #entries: StoreEntries;

  constructor(db: Database, script: ScriptName, quotaBytes: number) {
    this.#db = db;
    this.#script = script;
    this.#entries = new StoreEntries(db, script, quotaBytes);
  }

  get(params: Params) {
    const value = this.#entries.get(readParams(oneKey, params).key);
    return { value: value === undefined ? { found: false } : { found: true, value } };
  }

  async set(params: Params) {
    const { key, value } = readParams(setSchema, params);
    const text = textOf(value);
    await this.#change(() => this.#entries.put(key, text));
    return {};
  }

  async delete(params: Params) {
    const { key } = readParams(oneKey, params);
    return { value: await this.#change(() => this.#entries.remove(key)) };
  }

  async add(params: Params) {
    const { key, by = 1 } = readParams(addSchema, params);
    const sum = await this.#change(() => {
      const before = this.#entries.get(key) ?? 0;
      const after = typeof before === "number" ? before + by : NaN;
      if (!Number.isFinite(after)) {
        const message = `Cannot add to ${JSON.stringify(key)} as that makes no number`;
        throw new CapabilityError("invalid", message);
      }
      this.#entries.put(key, textOf(after));
      return after;
    });
    return { value: sum };
  }

  async batch(params: Params) {
    const { writes, checks = [] } = readParams(batchSchema, params);
    const changes = writes.map((write) =>
      "set" in write ? { key: write.set, text: textOf(write.value) } : { key: write.delete }
    );
    const done = await this.#change(() => this.#entries.batch(changes, checks));
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

  #change<T>(apply: () => T): Promise<T> {
    return this.#db.write(() => this.#entries.bounded(apply));
  }
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
