/** What is old is looked for in every round. */
export const EXPIRY_INDEXES = `
CREATE INDEX orders_by_expiry ON orders (expires);
CREATE INDEX enrol_tokens_by_expiry ON enrol_tokens (expires);
CREATE INDEX api_tokens_by_expiry ON api_tokens (expires);
`;
