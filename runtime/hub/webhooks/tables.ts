/** Addresses that want to hear, and what they have not heard yet. */
export const WEBHOOK_TABLES = `
CREATE TABLE webhooks (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  url TEXT NOT NULL,
  secret TEXT NOT NULL,
  created BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  -- The last row of the audit log that it was told of.
  told BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  next BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX webhooks_due ON webhooks (next);
`;

/** Why an address did not take what it was told last. */
export const WEBHOOK_PROBLEMS = `
ALTER TABLE webhooks ADD COLUMN problem TEXT;
`;
