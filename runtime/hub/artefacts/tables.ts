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

/** How much a tenant may keep, how much it keeps, and which parts there was no room for. */
export const ARTEFACT_QUOTA = `
ALTER TABLE tenants ADD COLUMN max_artefact_bytes BIGINT NOT NULL DEFAULT 5000000000;
ALTER TABLE tenants ADD COLUMN artefact_bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE artefacts ADD COLUMN refused TEXT;
UPDATE tenants SET artefact_bytes =
  (SELECT coalesce(sum(length), 0) FROM artefacts WHERE artefacts.tenant = tenants.id);
`;
