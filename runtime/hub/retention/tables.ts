/** What is old is looked for in every round. */
export const EXPIRY_INDEXES = `
CREATE INDEX orders_by_expiry ON orders (expires);
CREATE INDEX enrol_tokens_by_expiry ON enrol_tokens (expires);
CREATE INDEX api_tokens_by_expiry ON api_tokens (expires);
`;

/** Tokens whose time was over once stay so. */
export const ENDED_TOKENS = `
ALTER TABLE enrol_tokens ADD COLUMN ended BIGINT NOT NULL DEFAULT 0;
ALTER TABLE api_tokens ADD COLUMN ended BIGINT NOT NULL DEFAULT 0;
`;
