/** Who owns which file; a file without an owner is removed. */
export const BLOB_TABLES = `
CREATE TABLE script_blobs (
  script TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  length INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  PRIMARY KEY (script, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX script_blobs_by_content ON script_blobs (sha256);
`;

/** What an entry counts at least, so that many empty ones are not free. */
const LEAST_BYTES = 4_096;

/** What all entries of a script count together, kept up with each of them. */
export const BLOB_USE_TABLES = `
CREATE TABLE script_blob_bytes (
  script TEXT PRIMARY KEY,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO script_blob_bytes
  SELECT script, sum(max(length, ${LEAST_BYTES})) FROM script_blobs GROUP BY script;
CREATE TRIGGER script_blobs_added AFTER INSERT ON script_blobs BEGIN
  INSERT INTO script_blob_bytes VALUES (new.script, max(new.length, ${LEAST_BYTES}))
    ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER script_blobs_removed AFTER DELETE ON script_blobs BEGIN
  UPDATE script_blob_bytes SET bytes = bytes - max(old.length, ${LEAST_BYTES})
    WHERE script = old.script;
END;
`;
