import { decodeBase64 } from "../core/base64.ts";
import { Digester } from "../core/digest.ts";
import type { Digest } from "../core/documents/common.ts";
import { PeerError } from "./errors.ts";
import { PEER_LIMITS } from "./limits.ts";
import { Buffer } from "node:buffer";

/** `sha-256` and nothing else: a second algorithm in the field would be one nobody checks. */
const FIELD = /^sha-256=:([A-Za-z0-9+/]{43}=):$/;

/**
 * A digest as the `Content-Digest` field.
 *
 * @see RFC 9530, "The Content-Digest Field"
 */
export function contentDigest(digest: Digest): string {
  return `sha-256=:${Buffer.from(digest.slice("sha256:".length), "hex").toString("base64")}:`;
}

/**
 * Reads a `Content-Digest` field that has SHA-256 alone.
 *
 * @throws {PeerError} bad_field – when it is too long or anything else
 */
export function parseContentDigest(field: string): Digest {
  const text = field.length <= PEER_LIMITS.CONTENT_DIGEST_CHARS
    ? FIELD.exec(field)?.[1]
    : undefined;
  const raw = text === undefined ? undefined : decodeBase64(text);
  if (raw) return `sha256:${Buffer.from(raw).toString("hex")}`;
  throw new PeerError("bad_field", "Cannot read Content-Digest as it is not one SHA-256 digest");
}

/**
 * Passes a body on and breaks it off with an error at its end when its digest is another one.
 * What was read before the end is not yet proven: act on it only after the last chunk.
 *
 * @throws {PeerError} digest_mismatch – through the stream
 */
export function requireDigest(
  body: ReadableStream<Uint8Array>,
  digest: Digest,
): ReadableStream<Uint8Array> {
  const hash = new Digester();
  return body.pipeThrough(
    new TransformStream({
      transform(chunk: Uint8Array, controller) {
        hash.update(chunk);
        controller.enqueue(chunk);
      },
      flush() {
        requireSameDigest(hash.digest(), digest);
      },
    }),
  );
}

/** @throws {PeerError} digest_mismatch – when they differ */
export function requireSameDigest(found: Digest, digest: Digest): void {
  if (found === digest) return;
  throw new PeerError(
    "digest_mismatch",
    `Cannot believe the content as the signature covers ${digest}: ${found}`,
  );
}
