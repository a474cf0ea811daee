import { BLOB_TABLES, BLOB_USE_TABLES } from "../../capabilities/blob_tables.ts";
import { PEER_TABLES } from "../../capabilities/peer_runs.ts";
import { STORE_TABLES } from "../../capabilities/store_entries.ts";

/** Marks the file as ours: "WRIT". */
export const APPLICATION_ID = 0x57524954;

/** The tables as the first version had them. Times are milliseconds since the epoch. */
const FIRST = `
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Also the record of every order id ever seen: an id is never accepted twice.
CREATE TABLE orders (
  id TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  orderer TEXT NOT NULL,
  script TEXT NOT NULL,
  envelope BLOB NOT NULL,
  received INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  start_at INTEGER,
  queue_key TEXT,
  idempotency_key TEXT
) STRICT;
CREATE UNIQUE INDEX orders_by_idempotency_key ON orders (orderer, script, idempotency_key)
  WHERE idempotency_key IS NOT NULL;

-- AUTOINCREMENT: a number is never given out again, even if its row is removed.
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  order_id TEXT NOT NULL REFERENCES orders (id),
  script TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('accepted', 'running', 'ended')),
  attempt INTEGER NOT NULL,
  retry_of INTEGER REFERENCES runs (id),
  created INTEGER NOT NULL,
  started INTEGER,
  ended INTEGER,
  version TEXT,
  module TEXT,
  policy TEXT,
  level INTEGER,
  idempotent INTEGER,
  outcome TEXT,
  figures TEXT
) STRICT;
CREATE INDEX runs_by_order ON runs (order_id);
CREATE INDEX runs_unfinished ON runs (state) WHERE state <> 'ended';

CREATE TABLE run_events (
  run INTEGER NOT NULL REFERENCES runs (id),
  seq INTEGER NOT NULL,
  time INTEGER NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE manifests (
  script TEXT NOT NULL,
  version TEXT NOT NULL,
  module TEXT NOT NULL,
  digest TEXT NOT NULL,
  envelope BLOB NOT NULL,
  PRIMARY KEY (script, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE sequences (
  script TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE trusted_documents (
  kind TEXT NOT NULL CHECK (kind IN ('root', 'acceptlist')),
  epoch INTEGER NOT NULL,
  version INTEGER NOT NULL,
  digest TEXT NOT NULL,
  envelope BLOB NOT NULL,
  stored INTEGER NOT NULL,
  PRIMARY KEY (kind, epoch, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  event TEXT NOT NULL,
  detail TEXT NOT NULL,
  prev TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_keeps_content BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
`;

/** What a retry waits for, whose place it keeps, and what its manifest says about retries. */
const RETRIES = `
ALTER TABLE runs ADD COLUMN first_run INTEGER REFERENCES runs (id);
ALTER TABLE runs ADD COLUMN start_at INTEGER;
ALTER TABLE runs ADD COLUMN retry_attempts INTEGER;
ALTER TABLE runs ADD COLUMN retry_delay_ms INTEGER;
`;

/** Signed calls that were answered, until they expire. */
const CALLS = `
CREATE TABLE call_nonces (
  expires INTEGER NOT NULL,
  key TEXT NOT NULL,
  nonce TEXT NOT NULL,
  PRIMARY KEY (expires, key, nonce)
) STRICT, WITHOUT ROWID;
`;

/** What scripts keep, and what they ordered elsewhere; and runs that go without a scan of all. */
const LENT = `${STORE_TABLES}${BLOB_TABLES}${PEER_TABLES}
CREATE INDEX runs_by_retry_of ON runs (retry_of);
CREATE INDEX runs_by_first_run ON runs (first_run);
`;

/** Ids of orders that were removed before they could not be in time again; and runs by their end. */
const KEPT = `
CREATE TABLE spent_orders (
  id TEXT PRIMARY KEY,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_by_end ON runs (ended) WHERE state = 'ended';
`;

/** When an order is due again, as JSON. */
const REPEATS = "ALTER TABLE orders ADD COLUMN repeat TEXT;\n";

/** Blobs that peers may have, by the digest of their chunk list. */
const SHARED = `
CREATE TABLE shared_blobs (
  list TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  bytes BLOB NOT NULL,
  source INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

/** Who uploaded which attachment; see `AttachmentOwnerTable`. */
const OWNERS = `
CREATE TABLE attachment_owners (
  sha256 TEXT NOT NULL,
  orderer TEXT NOT NULL,
  PRIMARY KEY (sha256, orderer)
) STRICT, WITHOUT ROWID;
`;

/** Orders that came by the hub, and up to which event the hub has what came of them. */
const REPORTS = `
CREATE TABLE hub_reports (
  order_id TEXT PRIMARY KEY,
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

/** What scripts tell the hub of their machine: facts, and events until it has them. */
const HUB_NOTES = `
CREATE TABLE hub_facts (
  script TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (script, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE hub_informs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  script TEXT NOT NULL,
  name TEXT NOT NULL,
  data TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX hub_informs_by_script ON hub_informs (script);
`;

/** Step n makes version n of the one before. A step that was released is never changed. */
export const SCHEMA_STEPS: readonly string[] = [
  FIRST,
  RETRIES,
  CALLS,
  LENT,
  KEPT,
  SHARED,
  REPEATS,
  OWNERS,
  BLOB_USE_TABLES,
  REPORTS,
  HUB_NOTES,
];

/** Rises with every step. An older program refuses a newer number. */
export const STATE_VERSION: number = SCHEMA_STEPS.length;
