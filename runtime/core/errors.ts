import { CodedError } from "./coded_error.ts";

/**
 * Why a document, a module or an order was refused. One comment per code; the same words stand in
 * the audit log, in `refused{rule}` outcomes and in what a peer is told.
 */
export type VerificationCode =
  /** Longer than the limit for its kind. */
  | "too_large"
  /** Not a DSSE envelope, or one that is not written canonically. */
  | "bad_envelope"
  /** The envelope holds another kind of document than was asked for. */
  | "wrong_kind"
  /** The payload is not RFC 8785 canonical JSON. */
  | "not_canonical"
  /** A field is unknown, missing, or of the wrong shape. */
  | "bad_schema"
  /** More signatures than an envelope may carry. */
  | "too_many_signatures"
  /** Fewer distinct, valid, listed public keys signed than the threshold asks for. */
  | "threshold"
  /** A public key of small order, which verifies forged signatures. */
  | "low_order_key"
  /** The document belongs to another fleet. */
  | "wrong_fleet"
  /** An older epoch than the one already trusted. */
  | "epoch_rollback"
  /** A list of an epoch that its root has not begun. */
  | "epoch_ahead"
  /** An older version than the one already trusted. */
  | "version_rollback"
  /** The same version was seen before with other bytes. */
  | "version_conflict"
  /** A root that is not exactly one version after the trusted one. */
  | "version_gap"
  /** The first root is not the one whose digest this agent was given. */
  | "root_not_pinned"
  /** `prev` does not name the list that came before. */
  | "prev_mismatch"
  /** Past its expiry at the time of the check. */
  | "expired"
  /** Issued in the future, beyond the allowed clock difference. */
  | "not_yet_valid"
  /** No accept entry knows this publisher. */
  | "unknown_publisher"
  /** A revoked key signed, and without it the threshold is missed. */
  | "key_revoked"
  /** A retired key signed something newer than it may. */
  | "key_retired"
  /** A deny entry names the key, the hash or the script. */
  | "denied"
  /** No accept entry matches the script. */
  | "not_accepted"
  /** The manifest's sequence is lower than accepted or than seen before. */
  | "sequence_rollback"
  /** The module asks for another Writ version than this one. */
  | "runtime_range"
  /** The module has another length than its manifest says. */
  | "module_length"
  /** The module has another hash than its manifest says. */
  | "module_hash"
  /** The module is not UTF-8, or its media type is not one of ours. */
  | "module_encoding"
  /** The module does not parse, or uses syntax that is more than erasable types. */
  | "module_syntax"
  /** The module imports something other than the allowed built-ins. */
  | "module_import"
  /** No grant names the script. */
  | "no_grant"
  /** The manifest asks for more than the grant gives. */
  | "request_beyond_grant"
  /** The grant gives more than this node's ceiling allows. */
  | "grant_beyond_ceiling"
  /** The order is signed by nobody the grant names. */
  | "orderer_not_entitled"
  /** The order is addressed to other agents. */
  | "wrong_audience"
  /** An order with this id was seen before. */
  | "replayed"
  /** The manifest is not of the script, version or hash that the order names. */
  | "order_mismatch"
  /** The order's input is not as the manifest's input schema wants it. */
  | "input"
  /** The manifest's input schema is none, or takes too long to check an input. */
  | "input_schema"
  /** Everything holds, and the node is set to run nothing and record what would have run. */
  | "audit_mode"
  /** The order names a script that cannot be found in any source. */
  | "not_found";

/**
 * A refusal. `code` is stable and safe to show to anyone; `message` is for the local operator and
 * the audit log only.
 */
export class VerificationError extends CodedError<VerificationCode> {
  override readonly name = "VerificationError";
}
