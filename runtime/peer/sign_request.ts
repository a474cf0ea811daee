import { type InnerList, type Item, serializeInnerList } from "structured-headers";
import { encodeBase64 } from "../core/base64.ts";
import type { Digest, KeyId } from "../core/documents/common.ts";
import type { Signer } from "../core/key.ts";
import { contentDigest } from "./content_digest.ts";
import { PEER_LIMITS } from "./limits.ts";
import type { Message } from "./message.ts";
import { signatureBase } from "./signature_base.ts";

/** The label of our signatures. */
export const LABEL = "writ";
/** The field that says which agent a request is for. */
export const RECIPIENT_FIELD = "writ-recipient";
/** The field of an upgrade that holds the caller's half of the socket's key. */
export const SOCKET_FIELD = "writ-socket";
/** What every request covers, in this sequence. */
const REQUEST_COMPONENTS = ["@method", "@path", "@query", RECIPIENT_FIELD] as const;
/** What a request with a body covers besides. */
const BODY_COMPONENTS = ["content-type", "content-digest"] as const;

/** What a request covers: more where it has a body, or is to become a socket. */
export function requestComponents({ headers }: Pick<Message, "headers">): readonly string[] {
  const withBody = headers.get("content-digest") !== null;
  const withSocket = headers.get(SOCKET_FIELD) !== null;
  // Nearly all are plain calls.
  if (!withBody && !withSocket) return REQUEST_COMPONENTS;
  return [
    ...REQUEST_COMPONENTS,
    ...(withBody ? BODY_COMPONENTS : []),
    ...(withSocket ? [SOCKET_FIELD] : []),
  ];
}

/** A request that is to be signed. */
export interface RequestToSign {
  /** Upper case. */
  method: string;
  /** Absolute. */
  url: string;
  /** The fields of the signature are set here. */
  headers: Headers;
  /** Of the body, if there is one; then the headers must name its type. */
  digest?: Digest;
}

/**
 * Signs a request for one agent: method, path, query, recipient and, with a body, its type and
 * digest, of an upgrade its half of the socket's key. The signature is good for
 * {@linkcode PEER_LIMITS}`.LIFETIME_MS` and for one call.
 *
 * @param options.now Milliseconds since the epoch.
 * @throws {PeerError} not_covered – there is a body and no content type
 * @see RFC 9421, "Creating a Signature"
 */
export function signRequest(
  { method, url, headers, digest }: RequestToSign,
  options: { signer: Signer; recipient: KeyId; now: number },
): void {
  const { signer, recipient } = options;
  headers.set(RECIPIENT_FIELD, recipient);
  if (digest !== undefined) headers.set("content-digest", contentDigest(digest));
  const created = Math.floor(options.now / 1000);
  const input: InnerList = [
    requestComponents({ headers }).map((name): Item => [name, new Map()]),
    new Map<string, string | number>([
      ["created", created],
      ["expires", created + PEER_LIMITS.LIFETIME_MS / 1000],
      ["nonce", encodeBase64(crypto.getRandomValues(new Uint8Array(16)), "base64url")],
      ["keyid", signer.publicKey],
    ]),
  ];
  const written = serializeInnerList(input);
  const base = signatureBase(input, written, { method, url, headers });
  setSignature(headers, written, signer.sign(base));
}

/** Sets the two fields of a signature. */
export function setSignature(headers: Headers, written: string, signature: Uint8Array): void {
  headers.set("signature-input", `${LABEL}=${written}`);
  headers.set("signature", `${LABEL}=:${encodeBase64(signature)}:`);
}
