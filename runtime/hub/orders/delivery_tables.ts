/**
 * What is told to an order's agents, and what they tell of it, lies together: by agent first, as it
 * lay before, a million runs of the past had each order change a page of its own for every agent.
 * Only what may still come of it, and what went wrong, is found by agent; the rest by its order.
 */
export const DELIVERIES_BY_DOCUMENT = `
-- First of all, so that another hub stores nothing in the old table that would go with it.
ALTER TABLE deliveries RENAME TO deliveries_by_agent;
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
  PRIMARY KEY (tenant, document, agent)
);
INSERT INTO deliveries
  SELECT tenant, agent, document, order_id, state, expires, lease, refusal, run, outcome,
    outcome_kind, figures, reported_run, reported_seq, events, updated FROM deliveries_by_agent;
DROP TABLE deliveries_by_agent;
CREATE INDEX deliveries_by_order ON deliveries (tenant, order_id, agent);
CREATE INDEX deliveries_counted ON deliveries (tenant, order_id, state, outcome_kind);
CREATE INDEX deliveries_leased ON deliveries (lease) WHERE state = 'sent';
CREATE INDEX deliveries_in_time ON deliveries (expires) WHERE state IN ('queued', 'sent');
CREATE INDEX deliveries_open ON deliveries (tenant, agent, state)
  WHERE state IN ('queued', 'sent', 'taken', 'running');
CREATE INDEX deliveries_bad ON deliveries (tenant, agent, updated)
  WHERE state = 'refused' OR (state = 'ended' AND outcome_kind NOT IN ('ok', 'cancelled'));
`;

/** Leases that are over are found by the agents that are connected. */
export const LEASES_BY_AGENT = "DROP INDEX deliveries_leased;";

/** What is looked for by agent. Named in full wherever it is, so that its index is used. */
export const OPEN = "state IN ('queued', 'sent', 'taken', 'running')";
