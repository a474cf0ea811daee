/** What a machine called itself when it enrolled, in small letters: it may be given another name. */
export const CALLED_AGENTS = `
ALTER TABLE agents ADD COLUMN called TEXT NOT NULL DEFAULT '';
UPDATE agents SET called = lower(name);
CREATE INDEX agents_by_called ON agents (tenant, called);
CREATE INDEX agents_by_name ON agents (tenant, lower(name));
`;

/** The epoch of the list that an agent works by; what was told before is told at the next hello. */
export const LIST_EPOCHS = "ALTER TABLE agents ADD COLUMN list_epoch BIGINT;";

/**
 * The name in small letters, written beside it: of letters beyond ASCII each store has an opinion of
 * its own.
 */
export const NAMED_AGENTS = `
ALTER TABLE agents ADD COLUMN named TEXT;
DROP INDEX agents_by_name;
CREATE INDEX agents_by_named ON agents (tenant, named);
`;
