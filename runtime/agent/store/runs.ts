import type { Digest, ScriptName } from "../../core/documents/common.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import type { Repeat } from "../../core/documents/order.ts";
import type { Figures, Outcome } from "../../core/outcome.ts";
import { SCRIPT_ORDERER } from "../../core/verification/order.ts";
import type { Store } from "./store.ts";

/** Where a run stands. */
export type RunState = "accepted" | "running" | "ended";

/** One execution of an order, as the operator sees it. */
export interface RunRecord {
  id: number;
  order: string;
  orderer: string;
  script: ScriptName;
  state: RunState;
  /** 1 for the first execution of the order. */
  attempt: number;
  /** The run that this one repeats. */
  retryOf: number | null;
  created: number;
  /** Not to begin before; `null` for at once. */
  due: number | null;
  started: number | null;
  ended: number | null;
  version: string | null;
  module: Digest | null;
  policy: Digest | null;
  level: number | null;
  outcome: Outcome | null;
  figures: Figures | null;
}

/** A run that has not ended, with what the scheduler must know of its order. */
export interface UnfinishedRun {
  id: number;
  order: string;
  script: ScriptName;
  state: "accepted" | "running";
  attempt: number;
  /** The run that this one repeats, through all attempts; its own number for the first. */
  first: number;
  idempotent: boolean;
  retry: RetryRule | null;
  /** When its order is due again. */
  repeat: Repetition | null;
  /** Not to begin before; `null` for at once. */
  startAt: number | null;
  expires: number;
  queueKey: string | null;
  bytes: number;
  /** {@linkcode SCRIPT_ORDERER} where a script scheduled it for itself. */
  orderer: string;
}

/** How an order repeats, and when it was due first, milliseconds since the epoch. */
export type Repetition = Repeat & { from: number };

/** What the manifest says about trying again. */
export type RetryRule = NonNullable<Manifest["retry"]>;

/** What is known of a run when it begins. */
export interface RunStart {
  version: string;
  module: Digest;
  policy: Digest;
  level: number;
  idempotent: boolean;
  retry: RetryRule | null;
}

/** A run that takes the place of one that ended, or the next one of an order that repeats. */
export interface Successor {
  /** Absent for one that repeats. */
  retryOf?: UnfinishedRun;
  startAt: number;
}

const COLUMNS = `runs.id, order_id AS "order", orderer, runs.script, state, attempt,
  retry_of AS retryOf, created, coalesce(runs.start_at, orders.start_at) AS due, started, ended,
  version, module, policy, level, figures`;

/** Characters of what a script said as it failed, where many runs are told of at once. */
const SAID = 500;
/** What of an outcome may be as long as the output of a run. */
const SAID_BY_SCRIPTS = ["message", "name", "value"];
const SHORT_OUTCOME = `json_replace(json_remove(outcome, '$.result', '$.detail.stack')${
  SAID_BY_SCRIPTS.map((key) =>
    `, '$.detail.${key}', substr(outcome ->> '$.detail.${key}', 1, ${SAID})`
  )
    .join("")
})`;

const UNFINISHED = `SELECT runs.id, runs.order_id AS "order", runs.script, runs.state, runs.attempt,
    first.id AS first, runs.idempotent, runs.retry_attempts AS attempts,
    runs.retry_delay_ms AS delayMs, coalesce(runs.start_at, orders.start_at) AS startAt,
    expires, queue_key AS queueKey, length(envelope) AS bytes, repeat, orders.start_at AS "from",
    orderer
  FROM runs JOIN orders ON orders.id = runs.order_id
    JOIN runs AS first ON first.id = coalesce(runs.first_run, runs.id)
  WHERE runs.state <> 'ended'`;

/** The table of runs. Changes are made inside `Store.write()`, in the order of a run's life. */
export class RunTable {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  create(order: string, script: ScriptName, now: number, next?: Successor): number {
    const failed = next?.retryOf;
    const attempt = failed ? failed.attempt + 1 : 1;
    const { lastInsertRowid } = this.#store
      .sql(
        `INSERT INTO runs (order_id, script, state, attempt, retry_of, first_run, start_at, created)
         VALUES (?, ?, 'accepted', ?, ?, ?, ?, ?)`,
      )
      .run(
        order,
        script,
        attempt,
        failed?.id ?? null,
        failed?.first ?? null,
        next?.startAt ?? null,
        now,
      );
    return Number(lastInsertRowid);
  }

  /** @throws {TypeError} when the run is not waiting. */
  begin(id: number, start: RunStart, now: number): void {
    const { changes } = this.#store
      .sql(
        `UPDATE runs SET state = 'running', started = ?, version = ?, module = ?, policy = ?,
           level = ?, idempotent = ?, retry_attempts = ?, retry_delay_ms = ?
         WHERE id = ? AND state = 'accepted'`,
      )
      .run(
        now,
        start.version,
        start.module,
        start.policy,
        start.level,
        start.idempotent ? 1 : 0,
        start.retry?.attempts ?? null,
        start.retry?.delayMs ?? null,
        id,
      );
    if (changes !== 1) throw new TypeError(`Cannot begin run ${id} as it is not waiting`);
  }

  /** @returns false when the run had ended before; the first outcome stands. */
  end(id: number, outcome: Outcome, figures: Figures | null, now: number): boolean {
    const { changes } = this.#store
      .sql(
        `UPDATE runs SET state = 'ended', ended = ?, outcome = ?, figures = ?
         WHERE id = ? AND state <> 'ended'`,
      )
      .run(now, JSON.stringify(outcome), figures && JSON.stringify(figures), id);
    return changes === 1;
  }

  get(id: number): RunRecord | undefined {
    const row = this.#store
      .sql(`SELECT ${COLUMNS}, outcome FROM runs JOIN orders ON orders.id = order_id
         WHERE runs.id = ?`)
      .get(id);
    return row && toRecord(row);
  }

  /** The last run of an order. */
  ofOrder(order: string): number | undefined {
    const row = this.#store.sql("SELECT max(id) AS id FROM runs WHERE order_id = ?").get(order);
    return (row?.id as number | null) ?? undefined;
  }

  /**
   * Newest first, with numbers below `before`; outcomes without what can be long in them, and the
   * beginning of what a script said as it failed.
   *
   * @param orderers Whose orders; default: anybody's.
   */
  list(
    limit: number,
    before = Number.MAX_SAFE_INTEGER,
    orderers?: readonly string[],
  ): RunRecord[] {
    return this.#store
      .sql(
        `SELECT ${COLUMNS}, ${SHORT_OUTCOME} AS outcome
         FROM runs JOIN orders ON orders.id = order_id
         WHERE runs.id < ?1 AND (?2 IS NULL OR orderer IN (SELECT value FROM json_each(?2)))
         ORDER BY runs.id DESC LIMIT ?3`,
      )
      .all(before, orderers ? JSON.stringify(orderers) : null, limit)
      .map(toRecord);
  }

  /** In the sequence in which their turn came; a retry has that of its first attempt. */
  unfinished(): UnfinishedRun[] {
    return this.#store
      .sql(
        `${UNFINISHED} ORDER BY max(received, coalesce(first.start_at, orders.start_at, 0)), first.id`,
      )
      .all()
      .map(toUnfinished);
  }

  /** What a script scheduled under a key and has not begun, newest first; no retries. */
  scheduled(script: ScriptName, key: string): UnfinishedRun[] {
    return this.#store
      .sql(
        `${UNFINISHED} AND runs.state = 'accepted' AND runs.attempt = 1 AND runs.script = ?
           AND orderer = '${SCRIPT_ORDERER}' AND queue_key = ? ORDER BY runs.id DESC`,
      )
      .all(script, key)
      .map(toUnfinished);
  }
}

function toUnfinished(
  { attempts, delayMs, idempotent, repeat, from, ...row }: Record<string, unknown>,
): UnfinishedRun {
  const retry = attempts === null ? null : { attempts, delayMs };
  const repeats = repeat === null ? null : { ...JSON.parse(repeat as string), from };
  return {
    ...row,
    idempotent: idempotent === 1,
    retry,
    repeat: repeats,
  } as unknown as UnfinishedRun;
}

function toRecord(row: Record<string, unknown>): RunRecord {
  const outcome = row.outcome === null ? null : JSON.parse(row.outcome as string);
  const figures = row.figures === null ? null : JSON.parse(row.figures as string);
  return { ...row, outcome, figures } as unknown as RunRecord;
}
