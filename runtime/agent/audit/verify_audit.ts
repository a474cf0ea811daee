import type { Digest, PublicKey } from "../../core/documents/common.ts";
import { type AuditHead, headIsBy } from "./audit_head.ts";
import { type AuditRow, FIRST_PREV, hashOfRow } from "./audit_row.ts";

/** What is wrong with an audit log. */
export type AuditFault =
  /** A row's content does not have the row's hash. */
  | "changed"
  /** Rows are missing before this one. */
  | "missing"
  /** A row does not name the hash of the one before it. */
  | "unlinked"
  /** A signed head lies beyond the last row: the end was cut off. */
  | "cut"
  /** A signed head names another hash for its row: the log was written anew. */
  | "rewritten"
  /** Rows follow the newest signed head that the agent never signed. */
  | "unsigned"
  /** A head carries no valid signature of the agent. */
  | "bad_head"
  /** There are rows and no head. */
  | "no_head";

/** What {@linkcode verifyAudit} found. */
export interface AuditVerdict {
  /** Rows looked at. */
  rows: number;
  ok: boolean;
  firstBad?: { seq: number; fault: AuditFault };
}

/** Where a walk begins that does not begin with the first row. */
export interface AuditStart {
  /** Of the row before. */
  seq: number;
  hash: Digest;
}

/**
 * Walks an audit log from its first row: numbers without a gap, each row hashed, each linked to
 * the one before; then every signed head against the row it names, and the newest head against
 * the end.
 *
 * @param rows By rising `seq`, from the first.
 * @param heads Signed heads of this log from every place that keeps them.
 * @param key The agent's public key.
 * @param start What lies before the first of `rows`, where that is not the first of the log.
 */
export function verifyAudit(
  rows: Iterable<AuditRow>,
  heads: readonly AuditHead[],
  key: PublicKey,
  start: AuditStart = { seq: 0, hash: FIRST_PREV },
): AuditVerdict {
  const expected = new Map<number, AuditHead[]>();
  let newest = 0;
  for (const head of heads) {
    if (!headIsBy(head, key)) return bad(0, head.seq, "bad_head");
    expected.set(head.seq, [...expected.get(head.seq) ?? [], head]);
    newest = Math.max(newest, head.seq);
  }
  let { seq, hash: prev } = start;
  for (const row of rows) {
    if (row.seq !== seq + 1) return bad(seq, row.seq, "missing");
    if (row.prev !== prev) return bad(seq, row.seq, "unlinked");
    if (row.hash !== hashOfRow(row)) return bad(seq, row.seq, "changed");
    seq = row.seq;
    prev = row.hash;
    if (expected.get(seq)?.some(({ hash }) => hash !== row.hash)) {
      return bad(seq, seq, "rewritten");
    }
  }
  if (seq > 0 && heads.length === 0) return bad(seq, seq, "no_head");
  if (newest > seq) return bad(seq, seq + 1, "cut");
  if (newest < seq) return bad(seq, newest + 1, "unsigned");
  return { rows: seq, ok: true };
}

function bad(rows: number, seq: number, fault: AuditFault): AuditVerdict {
  return { rows, ok: false, firstBad: { seq, fault } };
}
