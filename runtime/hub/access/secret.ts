import { encodeBase64 } from "../../core/base64.ts";
import { digestOf } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";

/** A secret that somebody is given once: 32 random bytes in base64url. */
export function makeSecret(): string {
  return encodeBase64(crypto.getRandomValues(new Uint8Array(32)), "base64url");
}

/**
 * What the hub keeps of a secret, and finds it by. The secret is random and long, so a plain hash
 * of it cannot be guessed, and looking it up tells nothing by its time.
 */
export function hashOf(secret: string): Digest {
  return digestOf(new TextEncoder().encode(secret));
}

/** An id that says nothing: 12 random bytes in base64url. */
export function makeId(): string {
  return encodeBase64(crypto.getRandomValues(new Uint8Array(12)), "base64url");
}
