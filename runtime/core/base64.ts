import { Buffer } from "node:buffer";

/** Standard (`+/`, padded) or URL (`-_`, unpadded) alphabet. */
export type Base64Alphabet = "base64" | "base64url";

/**
 * Encodes bytes as RFC 4648 base64: `base64` with padding, `base64url` without.
 *
 * @param bytes Not changed.
 * @returns The one canonical text of these bytes.
 * @see RFC 4648, "Base 64 Encoding" and "Base 64 Encoding with URL and Filename Safe Alphabet"
 */
export function encodeBase64(bytes: Uint8Array, alphabet: Base64Alphabet = "base64"): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(alphabet);
}

/**
 * Decodes only the text that {@linkcode encodeBase64} would have written.
 *
 * A lenient decoder gives one signature many spellings. This one decodes, encodes again and
 * compares, so whitespace, missing or extra padding, the other alphabet and set padding bits are
 * all refused by the same line.
 *
 * @returns A buffer of its own, shared with nobody; `undefined` if the text is not canonical.
 * @see RFC 4648, "Canonical Encoding"
 */
export function decodeBase64(
  text: string,
  alphabet: Base64Alphabet = "base64",
): Uint8Array | undefined {
  const decoded = Buffer.from(text, alphabet);
  return decoded.toString(alphabet) === text ? new Uint8Array(decoded) : undefined;
}
