import type { Digest, KeyId, PublicKey } from "../core/documents/common.ts";
import { verifySignature } from "../core/key.ts";
import { parseContentDigest } from "./content_digest.ts";
import { PeerError } from "./errors.ts";
import { PEER_LIMITS } from "./limits.ts";
import type { Message } from "./message.ts";
import { LABEL, RECIPIENT_FIELD, requestComponents } from "./sign_request.ts";
import { signatureBase } from "./signature_base.ts";
import { readSignatureFields } from "./signature_fields.ts";
import { parametersOf, requireComponents } from "./signature_parameters.ts";

/** A request whose signature is good; its nonce and its body are still to be looked at. */
export interface SignedCall {
  readonly key: PublicKey;
  readonly nonce: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  /** Milliseconds since the epoch; until then the nonce must be remembered. */
  readonly expires: number;
  /** What the body must have; without it there must be no body. */
  readonly digest?: Digest;
}

/** What {@linkcode verifyRequest} decides by. */
export interface RequestRules {
  /** This agent. */
  recipient: KeyId;
  /** Milliseconds since the epoch. */
  now: number;
  /** Whether a key is a caller's; asked before the signature is checked, which costs most. */
  isKnown(key: PublicKey): boolean;
}

/**
 * Verifies the signature of a request. In order: length and form of the fields, exactly our
 * components, recipient, time, a key that is known, and last the signature.
 *
 * @throws {PeerError} unsigned, bad_field, not_covered, wrong_recipient, expired, not_yet_valid,
 *   unknown_key, bad_signature – in words for the log; each code as {@linkcode PeerCode} says
 * @see RFC 9421, "Verifying a Signature"
 */
export function verifyRequest(request: Message, rules: RequestRules): SignedCall {
  const { recipient, now, isKnown } = rules;
  const { input, written, signature } = readSignatureFields(request, LABEL);
  const { headers } = request;
  const digestField = headers.get("content-digest");
  requireComponents(input, requestComponents(request));
  const { created, expires, nonce, keyid } = parametersOf(input, REQUEST_PARAMETERS);
  requireRecipient(headers.get(RECIPIENT_FIELD), recipient);
  requireTime(created * 1000, expires * 1000, now);
  if (!isKnown(keyid)) {
    throw new PeerError("unknown_key", `Cannot answer a call as its key is nobody's: ${keyid}`);
  }
  if (!verifySignature(keyid, signatureBase(input, written, request), signature)) {
    throw new PeerError("bad_signature", `Cannot believe a call as it is not signed by ${keyid}`);
  }
  const digest = digestField !== null ? parseContentDigest(digestField) : undefined;
  const times = { created: created * 1000, expires: expires * 1000 };
  return { key: keyid, nonce, ...times, ...(digest && { digest }) };
}

const REQUEST_PARAMETERS = ["created", "expires", "nonce", "keyid"] as const;

function requireRecipient(found: string | null, recipient: KeyId): void {
  if (found === recipient) return;
  throw new PeerError("wrong_recipient", `Cannot answer a call as it is for another: ${found}`);
}

function requireTime(created: number, expires: number, now: number): void {
  if (expires - created > PEER_LIMITS.LIFETIME_MS || expires <= created) {
    throw new PeerError(
      "bad_field",
      `Cannot answer a call as it must be good for at most ${PEER_LIMITS.LIFETIME_MS} ms: ` +
        `${expires - created}`,
    );
  }
  if (created > now + PEER_LIMITS.CLOCK_SKEW_MS) {
    throw new PeerError("not_yet_valid", "Cannot answer a call as it was made in the future");
  }
  if (expires <= now) throw new PeerError("expired", "Cannot answer a call as its time is over");
}
