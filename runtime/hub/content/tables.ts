/**
 * What needs a document that was uploaded: an order by its id, or all agents, where a script or a
 * release is made of it. What was there before is kept, for all. And what the audit log says of one
 * thing, so that it does not say it without end.
 */
export const CONTENT_TABLES = `
CREATE TABLE content_uses (
  tenant TEXT NOT NULL,
  digest TEXT NOT NULL,
  used_by TEXT NOT NULL,
  PRIMARY KEY (tenant, digest, used_by)
);
CREATE INDEX content_uses_by_user ON content_uses (tenant, used_by);
CREATE INDEX audit_by_subject ON audit (tenant, subject, action, at);
INSERT INTO content_uses SELECT tenant, digest, 'agents' FROM content;
`;
