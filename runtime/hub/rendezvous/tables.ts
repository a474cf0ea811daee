/** What agents say of where they are reached, each in words that it signed itself. */
export const ADVERT_TABLES = `
CREATE TABLE adverts (
  tenant TEXT NOT NULL,
  agent TEXT NOT NULL,
  advert TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  PRIMARY KEY (tenant, agent)
);
CREATE INDEX adverts_by_expiry ON adverts (expires);
`;
