/**
 * What scripts tell of their machines. Facts are known by their script, too, so that two may use
 * one name; agents tell them anew when they connect.
 */
export const SCRIPT_EVENT_TABLES = `
CREATE TABLE script_events (
  tenant TEXT NOT NULL,
  agent TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  script TEXT NOT NULL,
  name TEXT NOT NULL,
  data TEXT NOT NULL,
  at BIGINT NOT NULL,
  received BIGINT NOT NULL,
  PRIMARY KEY (tenant, agent, kind, id)
);
CREATE INDEX script_events_by_time ON script_events (tenant, agent, received, id);
CREATE INDEX script_events_by_kind ON script_events (tenant, agent, kind, received, id);
CREATE INDEX script_events_by_age ON script_events (received);

DROP TABLE facts;
CREATE TABLE facts (
  tenant TEXT NOT NULL,
  agent TEXT NOT NULL,
  script TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant, agent, script, name)
);
`;
