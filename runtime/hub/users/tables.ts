/**
 * The tables of users. Times are milliseconds since the epoch. Of a secret only its hash is stored,
 * and a row is found by it. Failures to sign in are kept by the hash of what was tried; those of an
 * address belong to no tenant.
 */
export const USER_TABLES = `
CREATE TABLE users (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  password TEXT,
  created BIGINT NOT NULL,
  disabled BIGINT,
  PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX users_by_name ON users (tenant, name);
CREATE TABLE user_invitations (
  tenant TEXT NOT NULL,
  user_id TEXT NOT NULL,
  hash TEXT NOT NULL,
  expires BIGINT NOT NULL,
  PRIMARY KEY (tenant, user_id)
);
CREATE TABLE user_sessions (
  tenant TEXT NOT NULL,
  hash TEXT NOT NULL,
  id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  created BIGINT NOT NULL,
  seen BIGINT NOT NULL,
  address TEXT NOT NULL,
  browser TEXT NOT NULL,
  PRIMARY KEY (tenant, hash)
);
CREATE INDEX user_sessions_by_user ON user_sessions (tenant, user_id, created);
CREATE TABLE user_passkeys (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  public_key TEXT NOT NULL,
  counter BIGINT NOT NULL,
  created BIGINT NOT NULL,
  used BIGINT,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX user_passkeys_by_user ON user_passkeys (tenant, user_id);
CREATE TABLE user_challenges (
  tenant TEXT NOT NULL,
  hash TEXT NOT NULL,
  user_id TEXT,
  expires BIGINT NOT NULL,
  PRIMARY KEY (tenant, hash)
);
CREATE TABLE sign_in_failures (
  tenant TEXT NOT NULL,
  subject TEXT NOT NULL,
  failures BIGINT NOT NULL,
  latest BIGINT NOT NULL,
  PRIMARY KEY (tenant, subject)
);
`;
