import { MB } from "../core/limits.ts";

/** Every size, count and time bound of the agent, in one place. Bytes are bytes, times milliseconds. */
export const AGENT_LIMITS = {
  /** One blob, such as an attached document. */
  BLOB_BYTES: 2_000 * MB,
  /** Runs at the same time on one node, whatever the grants say. */
  RUNS: 8,
  /** Accepted runs that wait for a place or for their time. */
  WAITING_RUNS: 100_000,
  /** Order envelopes of waiting runs together. */
  WAITING_BYTES: 1_000 * MB,
  /** Of both, what one orderer may have, so that none fills it for all. */
  WAITING_RUNS_OF_ONE: 40_000,
  WAITING_BYTES_OF_ONE: 400 * MB,
  /** How often a run that is declared idempotent is begun when the agent keeps dying under it. */
  ATTEMPTS: 3,
  /** Attempts of one order, whatever its manifest says. */
  RETRY_ATTEMPTS: 100,
  /** The longest wait between two attempts. */
  RETRY_DELAY_MS: 3_600_000,
  /** Events kept for one run; later ones are counted and dropped. */
  EVENTS_PER_RUN: 10_000,
  /** Event streams that are open at the same time. */
  EVENT_STREAMS: 256,
  /** Of these, streams of one key. */
  EVENT_STREAMS_OF_ONE_KEY: 32,
  /** Of these, streams that only the operator may take. */
  EVENT_STREAMS_OF_OPERATOR: 32,
  /** Events read from the store in one go. */
  EVENT_PAGE: 200,
  /** Characters of them after which no further one is read. */
  EVENT_PAGE_CHARACTERS: 1 << 20,
  /** Runs or audit rows in one answer. */
  PAGE: 500,
  /** Memory that bodies of orders take while they arrive, all connections together. */
  ORDER_BODIES_BYTES: 32 << 20,
  /** How long the body of an order may take to arrive. */
  ORDER_BODY_MS: 10_000,
  /** A source's list of versions. */
  INDEX_BYTES: 1 << 20,
  /** Versions read from a source's list. */
  INDEX_VERSIONS: 2_000,
  /** Versions tried for one order with a range. */
  CANDIDATES: 32,
  /** Kept of modules that were parsed: JavaScript whose types were erased, and imports. */
  PARSED_CHARACTERS: 16 * MB,
  /** How long one file of a source may take to arrive. */
  SOURCE_DEADLINE_MS: 15_000,
  /** How long all sources together may take to give the script of one run. */
  RESOLVE_MS: 30_000,
  /** How long a source that did not answer is asked only after the others. */
  SOURCE_REST_MS: 30_000,
  /** How long a source's list of versions is believed to be current. */
  INDEX_FRESH_MS: 2_000,
  /** Refusals of strangers are counted over this time and written as one row. */
  REFUSAL_WINDOW_MS: 60_000,
  /** Rows for refused orders that the same orderers may have in that time; more are counted. */
  REFUSED_ROWS: 100,
  /** Events that one script may have in the audit log in that time; more are counted. */
  SCRIPT_EVENTS: 60,
  /** Of each, the characters of its name, and of its data as JSON. */
  SCRIPT_EVENT_NAME: 64,
  SCRIPT_EVENT_CHARACTERS: 1_000,
  /** Lines that one script may have in the agent's log in that time, and characters of each. */
  SCRIPT_LINES: 60,
  SCRIPT_LINE_CHARACTERS: 500,
  /** Refused orders remembered, so that sending one again leaves no second row. */
  REFUSED_ORDERS: 10_000,
  /** The longest wait before the clock is looked at again. */
  TIMER_MS: 30_000,
  /** Rows of the audit log that are verified before the agent goes on with it. */
  AUDIT_ROWS_AT_START: 256,
  /** The signed audit head is copied to its file at most this often. */
  HEAD_FILE_MS: 1_000,
  /** How long the agent waits before it tries again to store a run that the disk refused. */
  STORE_RETRY_MS: 5_000,
  /** How long the policy's files must be left alone before a change of them is read. */
  POLICY_SETTLE_MS: 300,
  /** The newest runs, and as many rows of the audit log, that are searched for refusals. */
  PENDING_SEARCHED: 20_000,
  /** Kinds of refusals in one answer. */
  PENDING: 500,
  /** Changes of the policy that one row of the audit log tells. */
  CHANGES_TOLD: 100,
  /** Characters of each. */
  CHANGE_CHARACTERS: 300,
  /** Signed calls remembered, so that none is answered twice. */
  CALLS_REMEMBERED: 200_000,
  /** Of these, calls that one key may have. */
  CALLS_OF_ONE_KEY: 100_000,
  /** How long a body may bring nothing. */
  BODY_IDLE_MS: 15_000,
  /** What a body must bring on average, after that time. */
  BODY_BYTES_PER_SECOND: 4_000,
  /** Attachments that orderers may upload ahead of their orders. */
  WANTED_ATTACHMENTS: 10_000,
  /** How long they may. */
  WANTED_MS: 3_600_000,
  /** How long after its start an agent looks for what may go, and then how often. */
  FIRST_SWEEP_MS: 60_000,
  SWEEP_MS: 600_000,
  /** How long the size of the database is believed. */
  USAGE_FRESH_MS: 1_000,
  /** A document that was asked for so recently stays, even when the state folder is full. */
  BLOB_GRACE_MS: 3_600_000,
  /** Orders removed early in one go, oldest first, when the state folder is full. */
  EARLY_ORDERS: 5_000,
  /** How long open connections are waited for when the agent stops. */
  STOP_MS: 2_000,
} as const;
