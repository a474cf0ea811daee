import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { VerificationError } from "../../core/errors.ts";
import { PeerError } from "../../peer/mod.ts";
import { type HubCode, HubError } from "../errors.ts";

type Answer = readonly [status: ContentfulStatusCode, sentence: string];

/** Status and fixed sentence by code: what strangers are told holds nothing of the hub. */
const HUB_ANSWERS: Readonly<Record<HubCode, Answer>> = {
  not_found: [404, "There is nothing here"],
  conflict: [409, "It is there already, or is past that"],
  bad_request: [400, "The request is not written as it must be"],
  unauthorized: [401, "A token is needed"],
  forbidden: [403, "This is not for you"],
  quota: [403, "The tenant has as much of this as it may have"],
  token_spent: [403, "The token is not good, or not any more"],
  key_elsewhere: [409, "This hub does not have the tenant's key for orders"],
  no_orderer_key: [409, "The root does not name the hub's key as an orderer"],
  no_list: [409, "There is no accept-list yet"],
  blob_mismatch: [422, "The content has another digest than its name"],
  attachment_missing: [422, "A document that is named was not uploaded"],
  too_large: [413, "It is too large"],
  busy: [503, "Too much is waiting already"],
  database: [503, "The hub cannot reach what it keeps"],
  database_newer: [503, "The hub cannot reach what it keeps"],
  disk_full: [507, "The hub's disk is full: nothing was stored"],
  bus: [503, "The hub cannot reach the others"],
  state: [500, "The hub failed"],
};

/** The same of what others found wrong; whatever else they find is refused with 403. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  ...HUB_ANSWERS,
  no_place: [503, "Too many are connected already"],
  unsigned: [401, "The call is not signed"],
  unknown_key: [401, "The key that signed is not known here"],
  bad_signature: [401, "The signature is not good"],
  replayed: [409, "It was seen before"],
  bad_envelope: [400, "The envelope is not a canonical DSSE envelope"],
  wrong_kind: [400, "The envelope holds another kind of document"],
  not_canonical: [400, "The payload is not canonical JSON"],
  bad_schema: [400, "The document is not written as it must be"],
  not_accepted: [422, "No accept-list lets agents run it"],
  orderer_not_entitled: [422, "Its grant lets others order it"],
  input: [422, "Its input is not as the script wants it"],
  too_many_signatures: [400, "The envelope has too many signatures"],
};

/** After how many seconds it is worth to ask again what was refused with 503. */
const RETRY_AFTER = "2";

/** The status of an answer, for pages as for programs. */
export function statusOf(code: HubCode): ContentfulStatusCode {
  return HUB_ANSWERS[code][0];
}

/**
 * The answer to anything that was thrown. A caller with a token is told what was wrong with its
 * request; details of anything else stay in the log.
 */
export function refuse(c: Context, error: unknown): Response {
  const known = error instanceof HubError || error instanceof VerificationError ||
    error instanceof PeerError;
  if (!known) return c.json({ error: { code: "internal", message: "The hub failed" } }, 500);
  const { code } = error;
  const [status, sentence] = ANSWERS[code] ?? [403, "It is refused"];
  const isForCaller = error instanceof VerificationError ||
    (error instanceof HubError && TOLD.has(code));
  const message = isForCaller && error.message !== "" ? error.message.slice(0, 500) : sentence;
  if (status === 503) c.header("retry-after", RETRY_AFTER);
  return c.json({ error: { code, message } }, status);
}

/** Codes whose message speaks of the request alone. */
const TOLD: ReadonlySet<string> = new Set([
  "bad_request",
  "conflict",
  "forbidden",
  "quota",
  "no_orderer_key",
  "no_list",
  "attachment_missing",
  "blob_mismatch",
  "too_large",
]);
