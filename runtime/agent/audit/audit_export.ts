import { canonicalText } from "../../core/canonical_json.ts";
import type { PublicKey } from "../../core/documents/common.ts";
import { AgentError } from "../errors.ts";
import { type AuditHead, parseHead } from "./audit_head.ts";
import type { AuditReader } from "./audit_reader.ts";
import type { AuditRow } from "./audit_row.ts";
import { type AuditVerdict, verifyAudit } from "./verify_audit.ts";

/** Rows read at once. */
const BATCH = 1_000;

/**
 * An audit log as lines of JSON, for another machine to keep and to check: the signed head first,
 * then each row up to it, its detail as an object.
 *
 * @param after Rows up to this one are left out.
 */
export function* exportAudit(audit: AuditReader, after = 0): Generator<string> {
  const head = audit.head();
  if (!head) return;
  yield JSON.stringify({ head });
  for (let rows = audit.after(after, BATCH); rows.length > 0;) {
    for (const row of rows) {
      if (row.seq > head.seq) return;
      yield JSON.stringify({ ...row, detail: JSON.parse(row.detail) });
    }
    rows = audit.after(rows.at(-1)!.seq, BATCH);
  }
}

/**
 * Checks the lines that {@linkcode exportAudit} wrote, as `verifyAudit` checks a log. What was
 * left out before the first row is taken on the word of that row.
 *
 * @param key The public key of the agent whose log it is.
 * @throws {AgentError} not_an_export – a line is not one of ours.
 */
export function verifyExport(lines: Iterable<string>, key: PublicKey): AuditVerdict {
  const rest = lines[Symbol.iterator]();
  const head = headOf(rest.next().value);
  const first = rest.next();
  if (first.done) return verifyAudit([], [head], key);
  const row = rowOf(first.value);
  const rows = function* () {
    yield row;
    for (let line = rest.next(); !line.done; line = rest.next()) yield rowOf(line.value);
  };
  return verifyAudit(rows(), [head], key, { seq: row.seq - 1, hash: row.prev });
}

function headOf(line: string | undefined): AuditHead {
  const head = parseHead(JSON.stringify(fieldsOf(line ?? "").head ?? null));
  if (head) return head;
  throw new AgentError("not_an_export", "Cannot read an audit log whose first line is no head");
}

function rowOf(line: string): AuditRow {
  const { seq, time, event, detail, prev, hash } = fieldsOf(line);
  const texts = [event, prev, hash].every((value) => typeof value === "string");
  const numbers = Number.isSafeInteger(seq) && Number.isSafeInteger(time);
  try {
    if (texts && numbers) {
      return { seq, time, event, detail: canonicalText(detail), prev, hash } as AuditRow;
    }
  } catch {
    // A detail that has no canonical form was none of ours.
  }
  throw new AgentError("not_an_export", "Cannot read an audit log with a line that is no row");
}

function fieldsOf(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below, without the line: it may be anything.
  }
  throw new AgentError("not_an_export", "Cannot read an audit log with a line that is no object");
}
