/** Files that runs left at the hub, by their parts. */
export const ARTEFACT_TABLES = `
CREATE TABLE artefacts (
  tenant TEXT NOT NULL,
  order_id TEXT NOT NULL,
  agent TEXT NOT NULL,
  run BIGINT NOT NULL,
  name TEXT NOT NULL,
  part BIGINT NOT NULL,
  parts BIGINT NOT NULL,
  length BIGINT NOT NULL,
  at BIGINT NOT NULL,
  bytes BYTES NOT NULL,
  PRIMARY KEY (tenant, order_id, agent, run, name, part)
);
`;
