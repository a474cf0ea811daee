import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { VerificationError } from "../../core/errors.ts";
import { PeerError } from "../../peer/mod.ts";
import { AgentError } from "../errors.ts";

/** Codes that only the HTTP interface uses. */
export type HttpCode =
  | "not_found"
  | "method_not_allowed"
  | "unauthorized"
  | "not_local"
  | "bad_host"
  | "bad_origin"
  | "bad_request"
  | "unsupported_media_type"
  | "timeout"
  | "incomplete"
  | "too_large"
  | "busy"
  | "not_now"
  | "module_missing"
  | "version_published"
  | "internal";

/** An answer that refuses, thrown anywhere below the app. */
export class HttpRefusal extends Error {
  override readonly name = "HttpRefusal";
  readonly code: HttpCode;

  constructor(code: HttpCode) {
    super(code);
    this.code = code;
  }
}

/** Status and fixed sentence by code: what strangers are told holds nothing of this machine. */
const ANSWERS: Readonly<Record<string, readonly [ContentfulStatusCode, string]>> = {
  not_found: [404, "There is nothing here"],
  method_not_allowed: [405, "This method is not allowed here"],
  unauthorized: [401, "A signature or the operator's token is needed"],
  not_local: [403, "Only a program on this machine may ask this"],
  bad_host: [421, "This agent does not answer to that host name"],
  bad_origin: [403, "Pages of other origins may not ask this agent"],
  bad_request: [400, "The request is not written as it must be"],
  unsupported_media_type: [415, "The content type is not the one that is taken here"],
  timeout: [408, "The request did not arrive in time"],
  incomplete: [400, "The request did not arrive in full"],
  too_large: [413, "The request is too large"],
  busy: [503, "Too much is waiting already"],
  not_now: [409, "Another peer was given this a moment ago"],
  module_missing: [422, "The module or source map of the manifest is not stored here"],
  version_published: [409, "That version was published with other content or more signatures"],
  unknown_publisher: [403, "The policy does not name the publisher"],
  release_incomplete: [422, "No source has all parts of the release"],
  release_broken: [422, "The release does not start here, or is another than it says"],
  no_release: [409, "What was installed runs already"],
  not_supervised: [409, "Nothing would start this agent again as another release"],
  version_rollback: [409, "A newer one, or this very one, was taken before"],
  stopping: [503, "The agent is stopping"],
  internal: [500, "The agent failed"],
  disk_full: [507, "No space is left"],
  state_full: [507, "The agent keeps as much as it may"],
  state_unreadable: [500, "The agent failed"],
  blob_too_large: [413, "The blob is too large"],
  blob_mismatch: [422, "The content has another digest than its name"],
  blob_incomplete: [400, "The content did not arrive in full"],
  attachment_missing: [422, "An attachment of the order is not stored here"],
  idempotency_conflict: [409, "An order with this idempotency key asked for something else"],
  records_lost: [409, "The order is older than this agent's records, so it may have run before"],
  bad_envelope: [400, "The envelope is not a canonical DSSE envelope"],
  wrong_kind: [400, "The envelope holds another kind of document"],
  not_canonical: [400, "The payload is not canonical JSON"],
  bad_schema: [400, "The document is not written as it must be"],
  too_many_signatures: [400, "The envelope has too many signatures"],
  threshold: [403, "No known signer signed, or too few of its keys"],
  denied: [403, "A deny entry refuses it"],
  wrong_fleet: [403, "The order is for another fleet"],
  wrong_audience: [403, "The order is for other agents"],
  no_grant: [403, "No grant names the script"],
  orderer_not_entitled: [403, "The grant does not name this orderer"],
  expired: [403, "It has expired"],
  not_yet_valid: [403, "It is issued in the future"],
  replayed: [409, "It was seen before"],
  unsigned: [401, "The call is not signed"],
  bad_field: [400, "A field of the signature is not written as it must be"],
  not_covered: [400, "The signature does not cover what it must"],
  unknown_key: [401, "The key that signed is not known here"],
  bad_signature: [401, "The signature is not good"],
  wrong_recipient: [403, "The call is for another agent"],
  digest_mismatch: [400, "The content has another digest than the signature covers"],
};

/** The answer to anything that was thrown. Details stay in the log. */
export function refuse(c: Context, error: unknown): Response {
  const code = error instanceof HttpRefusal || error instanceof VerificationError ||
      error instanceof AgentError || error instanceof PeerError
    ? error.code
    : "internal";
  const [status, message] = ANSWERS[code] ?? [403, "It is refused"];
  return c.json({ error: { code, message } }, status);
}
