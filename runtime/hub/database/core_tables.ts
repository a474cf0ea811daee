/** The tables of the hub as its first version had them. Every one knows whose its rows are. */
export const CORE_TABLES = `
CREATE TABLE tenants (
  id TEXT PRIMARY KEY,
  fleet TEXT NOT NULL,
  root TEXT NOT NULL,
  created BIGINT NOT NULL,
  max_agents BIGINT NOT NULL,
  max_queued BIGINT NOT NULL
);

-- Roots and accept-lists that the hub carries: envelopes are text.
CREATE TABLE documents (
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  version BIGINT NOT NULL,
  digest TEXT NOT NULL,
  envelope TEXT NOT NULL,
  stored BIGINT NOT NULL,
  stored_by TEXT NOT NULL,
  PRIMARY KEY (tenant, kind, epoch, version)
);

CREATE TABLE agents (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  public_key TEXT NOT NULL,
  name TEXT NOT NULL,
  standing TEXT NOT NULL,
  enrolled BIGINT NOT NULL,
  approved_by TEXT,
  revoked_for TEXT,
  replaces TEXT,
  replaced_by TEXT,
  -- Its connection and the hub that holds it, and since when that, or its absence, lasts.
  hub TEXT,
  link TEXT,
  link_since BIGINT,
  link_end TEXT,
  last_seen BIGINT,
  -- The start of its program that spoke last, and those before it.
  instance TEXT,
  instances TEXT,
  warning TEXT,
  version TEXT,
  deno TEXT,
  policy TEXT,
  list_version BIGINT,
  level BIGINT,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX agents_by_hub ON agents (hub) WHERE hub IS NOT NULL;

-- By whom: 'hub' by the admins of the hub, 'list' by the signed accept-list.
CREATE TABLE agent_labels (
  tenant TEXT NOT NULL,
  agent TEXT NOT NULL,
  label TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  PRIMARY KEY (tenant, agent, label, by_whom)
);
CREATE INDEX agents_by_label ON agent_labels (tenant, label, by_whom, agent);

CREATE TABLE facts (
  tenant TEXT NOT NULL,
  agent TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  at BIGINT NOT NULL,
  script TEXT,
  PRIMARY KEY (tenant, agent, name)
);

CREATE TABLE enrol_tokens (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  hash TEXT NOT NULL,
  approved BIGINT NOT NULL,
  labels TEXT NOT NULL,
  replaces TEXT,
  created BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  expires BIGINT NOT NULL,
  used_by TEXT,
  used_at BIGINT,
  revoked BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX enrol_tokens_by_hash ON enrol_tokens (hash);

CREATE TABLE api_tokens (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  hash TEXT NOT NULL,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  expires BIGINT,
  last_used BIGINT,
  PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX api_tokens_by_hash ON api_tokens (hash);

CREATE TABLE orders (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  script TEXT NOT NULL,
  version TEXT NOT NULL,
  orderer TEXT NOT NULL,
  who TEXT NOT NULL,
  selection TEXT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  schedule TEXT,
  cancelled BIGINT,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX orders_by_time ON orders (tenant, created, id);

-- What agents get: one envelope for an order that was signed elsewhere, several for one of the hub's.
CREATE TABLE order_documents (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  envelope TEXT NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX order_documents_by_order ON order_documents (tenant, order_id);

CREATE TABLE deliveries (
  tenant TEXT NOT NULL,
  agent TEXT NOT NULL,
  document TEXT NOT NULL,
  order_id TEXT NOT NULL,
  state TEXT NOT NULL,
  expires BIGINT NOT NULL,
  -- When an order that was sent is sent again.
  lease BIGINT,
  refusal TEXT,
  run BIGINT,
  outcome TEXT,
  outcome_kind TEXT,
  figures TEXT,
  -- The agent's last event that is stored here.
  reported_run BIGINT NOT NULL,
  reported_seq BIGINT NOT NULL,
  events BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  PRIMARY KEY (tenant, agent, document)
);
CREATE INDEX deliveries_by_order ON deliveries (tenant, order_id, agent);
CREATE INDEX deliveries_open ON deliveries (tenant, agent)
  WHERE state IN ('queued', 'sent');
CREATE INDEX deliveries_leased ON deliveries (lease) WHERE state = 'sent';
CREATE INDEX deliveries_in_time ON deliveries (expires) WHERE state IN ('queued', 'sent');

CREATE TABLE run_log (
  tenant TEXT NOT NULL,
  order_id TEXT NOT NULL,
  agent TEXT NOT NULL,
  run BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  time BIGINT NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (tenant, order_id, agent, run, seq)
);

CREATE TABLE audit (
  seq SERIAL_ID,
  tenant TEXT NOT NULL,
  at BIGINT NOT NULL,
  who TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX audit_by_tenant ON audit (tenant, seq);

CREATE TABLE content (
  tenant TEXT NOT NULL,
  digest TEXT NOT NULL,
  length BIGINT NOT NULL,
  stored BIGINT NOT NULL,
  PRIMARY KEY (tenant, digest)
);
CREATE TABLE content_chunks (
  tenant TEXT NOT NULL,
  digest TEXT NOT NULL,
  part BIGINT NOT NULL,
  bytes BYTES NOT NULL,
  PRIMARY KEY (tenant, digest, part)
);

CREATE TABLE releases (
  tenant TEXT NOT NULL,
  script TEXT NOT NULL,
  version TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  module TEXT NOT NULL,
  envelope TEXT NOT NULL,
  published BIGINT NOT NULL,
  published_by TEXT NOT NULL,
  PRIMARY KEY (tenant, script, version)
);

-- Hubs that share this database, and when each was last heard of.
CREATE TABLE hubs (
  id TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  seen BIGINT NOT NULL
);
`;
