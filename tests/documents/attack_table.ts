import type { HttpCode } from "../../runtime/agent/http/refusal.ts";
import type { AgentCode } from "../../runtime/agent/mod.ts";
import type { VerificationCode } from "../../runtime/core/errors.ts";

/** An attack on what is signed, and the test that shows what becomes of it. */
export interface AttackRow {
  attack: string;
  /** What refuses it. */
  code: VerificationCode | AgentCode | HttpCode;
  /** Below `tests/`. */
  file: string;
  /** The name of the test in that file. */
  test: string;
}

/**
 * The attacks that TUF sets out to withstand, by its names.
 *
 * @see TUF 1.0, "Goals to protect against specific attacks"
 */
export const TUF_ATTACKS: readonly AttackRow[] = [
  row(
    "arbitrary software installation",
    "not_accepted",
    "documents/foreign_documents_test.ts",
    "arbitrary install: a module that no list accepts does not run",
  ),
  row(
    "endless data: a list",
    "too_large",
    "documents/foreign_documents_test.ts",
    "endless data: a list is read up to its limit, and an old one not at all",
  ),
  row(
    "endless data: a module or manifest",
    "source_too_large",
    "agent/source_test.ts",
    "HttpSource.read() ends an endless body after the most it may hold",
  ),
  row(
    "endless data: an order",
    "too_large",
    "agent/http/orders_test.ts",
    "POST /v1/orders reads no more than an order may hold",
  ),
  row(
    "extraneous dependencies",
    "module_import",
    "core/import_gate_test.ts",
    "gateImports() refuses everything else that is written out",
  ),
  row(
    "fast-forward: of the accept-list",
    "version_rollback",
    "documents/old_documents_test.ts",
    "fast-forward: a stolen accept key is undone by a root of the next epoch",
  ),
  row(
    "fast-forward: of a publisher's sequence",
    "sequence_rollback",
    "documents/old_documents_test.ts",
    "fast-forward: a stolen publisher key is undone by accepting a hash",
  ),
  row(
    "indefinite freeze: of the accept-list",
    "expired",
    "documents/old_documents_test.ts",
    "freeze: without a newer list an agent stops when its list expires",
  ),
  row(
    "indefinite freeze: of the root",
    "expired",
    "documents/old_documents_test.ts",
    "freeze: without a newer root an agent stops when its root expires",
  ),
  row(
    "malicious mirrors preventing updates",
    "module_hash",
    "agent/run_sources_test.ts",
    "a source that gives another module changes nothing",
  ),
  row(
    "mix-and-match: of lists and roots",
    "wrong_fleet",
    "documents/old_documents_test.ts",
    "mix-and-match: a list of one fleet under the root of another is refused",
  ),
  row(
    "mix-and-match: of manifests and modules",
    "module_hash",
    "documents/foreign_documents_test.ts",
    "mix-and-match: a manifest with the module of another version does not run",
  ),
  row(
    "rollback: of the accept-list",
    "version_rollback",
    "documents/old_documents_test.ts",
    "rollback: a list from before a denial is refused, also after a restart",
  ),
  row(
    "rollback: of the root",
    "version_rollback",
    "documents/old_documents_test.ts",
    "rollback: a root from before an orderer was dropped is not followed again",
  ),
  row(
    "rollback: of a release",
    "sequence_rollback",
    "agent/run_sources_test.ts",
    "an older release does not run after a newer one",
  ),
  row(
    "slow retrieval: of a module or manifest",
    "source_deadline",
    "agent/source_test.ts",
    "HttpSource.read() ends a body that drips too slowly",
  ),
  row(
    "slow retrieval: of an order",
    "timeout",
    "agent/http/orders_test.ts",
    "POST /v1/orders waits no longer for a body that has no announced length",
  ),
  row(
    "key compromise: a publisher's",
    "key_revoked",
    "documents/foreign_documents_test.ts",
    "key compromise: a publisher's revoked key runs nothing, not even what is cached",
  ),
  row(
    "key compromise: an orderer's",
    "threshold",
    "documents/foreign_documents_test.ts",
    "key compromise: an orderer's key that a root drops ends the orders that wait",
  ),
  row(
    "key compromise: of the role accept",
    "threshold",
    "documents/foreign_documents_test.ts",
    "key compromise: a root ends the list of a stolen accept key at once",
  ),
  row(
    "key compromise: of the role root",
    "threshold",
    "documents/root_rotation_test.ts",
    "updateTrust() follows a rotation of the root's keys and refuses",
  ),
  row(
    "wrong software installation",
    "order_mismatch",
    "core/accepted_test.ts",
    "checkAccepted() refuses what is not the script that the order names",
  ),
];

/** What else is done to signed documents. */
export const OTHER_ATTACKS: readonly AttackRow[] = [
  row(
    "wrong audience",
    "wrong_audience",
    "documents/orders_test.ts",
    "wrong audience: an order for another agent is refused",
  ),
  row(
    "replayed order",
    "replayed",
    "documents/orders_test.ts",
    "replayed order: it counts once, whatever was restarted or set back",
  ),
  row(
    "order relabelled",
    "wrong_audience",
    "documents/orders_test.ts",
    "order relabelled: only a signed list can bring an agent under a label",
  ),
  row(
    "expired order",
    "expired",
    "documents/orders_test.ts",
    "expired order: it is refused from the second on at which it expires",
  ),
  row(
    "one key twice",
    "threshold",
    "documents/written_form_test.ts",
    "one key that signs twice counts once",
  ),
  row(
    "one key under two key ids",
    "threshold",
    "documents/written_form_test.ts",
    "one key that signs under two names counts once",
  ),
  row(
    "same version with other bytes",
    "version_conflict",
    "documents/old_documents_test.ts",
    "same version, other bytes: the second list 2 is refused, also after a restart",
  ),
  row(
    "other document kind",
    "wrong_kind",
    "documents/written_form_test.ts",
    "a document of another kind is refused",
  ),
  row(
    "other document kind under this kind's name",
    "threshold",
    "documents/written_form_test.ts",
    "a document of another kind under this kind's name is refused",
  ),
  row(
    "payload with a duplicate key, BOM, trailing bytes, other spelling",
    "not_canonical",
    "documents/written_form_test.ts",
    "a signed payload that is not canonical is refused",
  ),
  row(
    "envelope with a duplicate key, BOM, trailing bytes, other spelling",
    "bad_envelope",
    "documents/written_form_test.ts",
    "an envelope that is not canonical is refused",
  ),
  row(
    "low-order key in a document",
    "low_order_key",
    "documents/written_form_test.ts",
    "a signed list or root with a key of small order is refused",
  ),
  row(
    "low-order key in every encoding",
    "low_order_key",
    "core/key_test.ts",
    "parsePublicKey() refuses all encodings of the eight points of small order",
  ),
  row(
    "17 signatures",
    "too_many_signatures",
    "documents/written_form_test.ts",
    "17 signatures are refused, also where two of them would do",
  ),
  row(
    "lost state directory: old orders",
    "wrong_audience",
    "documents/state_and_clock_test.ts",
    "lost state directory: the old orders are for an agent that is no more",
  ),
  row(
    "lost state directory: an old list",
    "expired",
    "documents/state_and_clock_test.ts",
    "lost state directory: an expired list from before does not begin a new one",
  ),
  row(
    "state directory rolled back",
    "state_rolled_back",
    "documents/state_and_clock_test.ts",
    "lost state directory: an older copy put back is refused",
  ),
  row(
    "clock set back",
    "expired",
    "documents/state_and_clock_test.ts",
    "clock set back: it is never before the newest list, also after a restart",
  ),
  row(
    "clock set forward",
    "expired",
    "documents/state_and_clock_test.ts",
    "clock set forward: it refuses while it is wrong, and leaves no mark",
  ),
  row(
    "clock walked forward by documents",
    "not_yet_valid",
    "documents/state_and_clock_test.ts",
    "clock set forward: documents of the future do not carry it there",
  ),
];

function row(attack: string, code: AttackRow["code"], file: string, test: string): AttackRow {
  return { attack, code, file, test };
}
