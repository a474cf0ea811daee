/** Rollouts, their rings, which agent stands in which, and releases, which go no other way. */
export const ROLLOUT_TABLES = `
CREATE TABLE rollouts (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  subject TEXT NOT NULL,
  -- The accept-list that is held back, for a rollout of one.
  list_digest TEXT,
  -- The release that is offered, for a rollout of one.
  release_number BIGINT,
  gate TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  who TEXT NOT NULL,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX rollouts_by_time ON rollouts (tenant, created, id);
CREATE INDEX rollouts_under_way ON rollouts (tenant, id) WHERE state = 'running';

CREATE TABLE rollout_rings (
  tenant TEXT NOT NULL,
  rollout TEXT NOT NULL,
  ring BIGINT NOT NULL,
  name TEXT NOT NULL,
  size BIGINT NOT NULL,
  started BIGINT,
  passed BIGINT,
  order_id TEXT,
  PRIMARY KEY (tenant, rollout, ring)
);

CREATE TABLE rollout_agents (
  tenant TEXT NOT NULL,
  rollout TEXT NOT NULL,
  agent TEXT NOT NULL,
  ring BIGINT NOT NULL,
  -- Why it did not become the release.
  failed TEXT,
  PRIMARY KEY (tenant, rollout, agent)
);

-- Programs that agents may become, as the role releases signed them.
CREATE TABLE agent_releases (
  tenant TEXT NOT NULL,
  number BIGINT NOT NULL,
  envelope TEXT NOT NULL,
  stored BIGINT NOT NULL,
  stored_by TEXT NOT NULL,
  PRIMARY KEY (tenant, number)
);
`;

/** By which release an agent says that it runs; nothing for what was installed. */
export const RUNNING_RELEASES = `
ALTER TABLE agents ADD COLUMN running_release BIGINT;
`;

/** The order by which agents go back, and how a ring did when it was judged. */
export const ROLLOUT_FIGURES = `
ALTER TABLE rollouts ADD COLUMN back_order TEXT;
ALTER TABLE rollout_rings ADD COLUMN good BIGINT;
ALTER TABLE rollout_rings ADD COLUMN bad BIGINT;
`;
