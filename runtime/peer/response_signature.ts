import { type InnerList, type Item, serializeInnerList } from "structured-headers";
import type { Digest, KeyId, PublicKey } from "../core/documents/common.ts";
import { VerificationError } from "../core/errors.ts";
import { keyId, type Signer, verifySignature } from "../core/key.ts";
import { parseContentDigest } from "./content_digest.ts";
import { PeerError } from "./errors.ts";
import type { Message } from "./message.ts";
import { LABEL, setSignature, SOCKET_FIELD } from "./sign_request.ts";
import { signatureBase } from "./signature_base.ts";
import { readSignatureFields } from "./signature_fields.ts";
import { parametersOf } from "./signature_parameters.ts";

/** The field of a chunk that says what else of its blob is there. */
export const HAVE_FIELD = "writ-have";

/** Fields that a response covers where it has them. */
const COVERED_FIELDS = ["content-type", "content-digest", SOCKET_FIELD, HAVE_FIELD] as const;

/**
 * Signs a response to a signed request: its status, type and digest, and the request's own
 * signature, so that it answers this call and no other. A response that streams what is not known
 * ahead has no digest, and then its body is not covered.
 *
 * @param response The fields of the signature are set in its headers.
 * @param request The request as it was received.
 * @param options.now Milliseconds since the epoch.
 * @see RFC 9421, "Request-Response Signature Binding"
 */
export function signResponse(
  response: { status: number; headers: Headers },
  request: Message,
  { signer, now }: { signer: Signer; now: number },
): void {
  const input: InnerList = [
    componentsOf(response),
    new Map<string, string | number>([
      ["created", Math.floor(now / 1000)],
      ["keyid", signer.publicKey],
    ]),
  ];
  const written = serializeInnerList(input);
  const base = signatureBase(input, written, response, request);
  setSignature(response.headers, written, signer.sign(base));
}

/**
 * Verifies that a response is by an agent and answers this very request.
 *
 * @param request As it was sent, with the fields of its signature.
 * @param from The agent that was asked.
 * @returns what the body must have; `undefined` when nothing covers the body.
 * @throws {PeerError} unsigned, bad_field, not_covered, unknown_key, bad_signature – it is not
 */
export function verifyResponse(
  response: Message,
  request: Message,
  from: KeyId,
): { digest?: Digest } {
  const { input, written, signature } = readSignatureFields(response, LABEL);
  requireSame(input, componentsOf(response));
  const { keyid } = parametersOf(input, ["created", "keyid"]);
  requireKeyOf(from, keyid);
  if (!verifySignature(keyid, signatureBase(input, written, response, request), signature)) {
    throw new PeerError("bad_signature", `Cannot believe an answer as ${from} did not sign it`);
  }
  const field = response.headers.get("content-digest");
  return field === null ? {} : { digest: parseContentDigest(field) };
}

function componentsOf({ headers }: Message): Item[] {
  const fields = COVERED_FIELDS.filter((name) => headers.get(name) !== null);
  return [
    ["@status", new Map()],
    ...fields.map((name): Item => [name, new Map()]),
    ["signature", new Map<string, string | boolean>([["req", true], ["key", LABEL]])],
  ];
}

function requireSame([items]: InnerList, expected: readonly Item[]): void {
  const same = items.length === expected.length && items.every(([name, parameters], i) => {
    const [wanted, wantedParameters] = expected[i]!;
    return name === wanted && parameters.size === wantedParameters.size &&
      [...wantedParameters].every(([key, value]) => parameters.get(key) === value);
  });
  if (same) return;
  throw new PeerError(
    "not_covered",
    "Cannot believe an answer as its signature covers other parts",
  );
}

function requireKeyOf(agent: KeyId, key: PublicKey): void {
  let cause: unknown;
  try {
    if (keyId(key) === agent) return;
  } catch (error) {
    // What only looks like a key.
    if (!(error instanceof VerificationError)) throw error;
    cause = error;
  }
  const message = `Cannot believe an answer as another key signed it: ${key}`;
  throw new PeerError("unknown_key", message, { cause });
}
