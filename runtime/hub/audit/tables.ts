/** The log is looked through by one of these, and only grows. */
export const AUDIT_INDEXES = `
CREATE INDEX audit_by_who ON audit (tenant, who, seq);
CREATE INDEX audit_by_action ON audit (tenant, action, seq);
CREATE INDEX audit_of_subject ON audit (tenant, subject, seq);
`;
