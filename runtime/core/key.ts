import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { Buffer } from "node:buffer";
import { decodeBase64 } from "./base64.ts";
import type { KeyId, PublicKey } from "./documents/common.ts";
import { VerificationError } from "./errors.ts";
import { isCanonicalPoint, isSmallOrder } from "./small_order.ts";

/** Something that signs with one Ed25519 key: a key in memory, in a file, or in a device. */
export interface Signer {
  readonly publicKey: PublicKey;
  /** @returns The 64 bytes of the signature. */
  sign(message: Uint8Array): Uint8Array;
}

/** A signer whose private key can be written to a file. */
export interface ExportableSigner extends Signer {
  /** @returns The private key as PKCS#8 DER, unencrypted. */
  pkcs8(): Uint8Array;
}

/** Keys kept ready for use; the oldest leaves first. Importing one costs 7 µs. */
const KNOWN_KEYS = 4096;
const known = new Map<string, { key: KeyObject; id: KeyId }>();

/**
 * Makes a new Ed25519 key.
 *
 * @example
 * ```ts
 * import { generateSigner, verifySignature } from "./key.ts";
 * import assert from "node:assert/strict";
 *
 * const signer = generateSigner();
 * const message = new TextEncoder().encode("print 2 copies");
 * assert.ok(verifySignature(signer.publicKey, message, signer.sign(message)));
 * ```
 */
export function generateSigner(): ExportableSigner {
  return new PrivateKeySigner(generateKeyPairSync("ed25519").privateKey);
}

/**
 * A signer from a private key in PKCS#8 DER.
 *
 * @throws {TypeError} – when the key is not Ed25519; files are read by `signerFromPem`.
 */
export function signerFromPkcs8(der: Uint8Array): ExportableSigner {
  const key = Buffer.from(der);
  return new PrivateKeySigner(createPrivateKey({ key, format: "der", type: "pkcs8" }));
}

/**
 * Checks a public key that is met for the first time: its spelling, then its point.
 *
 * @param text `ed25519:` and 43 base64url characters.
 * @returns The same text, typed.
 * @throws {VerificationError} bad_schema – when the text is not the one canonical spelling of 32
 * bytes, or the bytes are no point, or not the one canonical encoding of it
 * @throws {VerificationError} low_order_key – when the point has small order
 * @see RFC 8037, "Key Type 'OKP'"
 */
export function parsePublicKey(text: string): PublicKey {
  if (!known.has(text)) learn(text);
  return text as PublicKey;
}

/**
 * The key's id: the RFC 7638 thumbprint of its RFC 8037 JWK.
 *
 * @throws {VerificationError} bad_schema, low_order_key – as {@linkcode parsePublicKey}
 * @see RFC 8037, "JWK Thumbprint Canonicalization"
 */
export function keyId(key: PublicKey): KeyId {
  return (known.get(key) ?? learn(key)).id;
}

/**
 * Whether `signature` is one by `key` over `message`, by RFC 8032 without the cofactor, as
 * OpenSSL decides.
 *
 * @param signature Any length; other than 64 bytes is simply false.
 * @returns False also for a key that {@linkcode parsePublicKey} refuses.
 * @see RFC 8032, "Verify"
 */
export function verifySignature(
  key: PublicKey,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 64) return false;
  let entry;
  try {
    entry = known.get(key) ?? learn(key);
  } catch (error) {
    if (error instanceof VerificationError) return false;
    throw error;
  }
  return verify(null, message, entry.key, signature);
}

function learn(text: string): { key: KeyObject; id: KeyId } {
  const x = text.startsWith("ed25519:") ? text.slice("ed25519:".length) : "";
  const raw = decodeBase64(x, "base64url");
  if (raw?.length !== 32) {
    throw new VerificationError(
      "bad_schema",
      `Cannot read a public key as it must be "ed25519:" and 43 base64url characters: got ${
        JSON.stringify(text.slice(0, 80))
      }`,
    );
  }
  if (isSmallOrder(raw)) {
    throw new VerificationError(
      "low_order_key",
      `Cannot trust a public key as its point has small order: ${text}`,
    );
  }
  if (!isCanonicalPoint(raw)) {
    throw new VerificationError(
      "bad_schema",
      `Cannot read a public key as its point is not canonically encoded: ${text}`,
    );
  }
  const thumbprint = createHash("sha256")
    .update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest("base64url");
  const entry = { key: importPoint(x, text), id: `writ-key:${thumbprint}` as KeyId };
  if (known.size >= KNOWN_KEYS) known.delete(known.keys().next().value!);
  known.set(text, entry);
  return entry;
}

/** Half of all 32 bytes are the height of no point; only the import finds out. */
function importPoint(x: string, text: string): KeyObject {
  try {
    return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  } catch (cause) {
    throw new VerificationError(
      "bad_schema",
      `Cannot read a public key as its bytes are no point of the curve: ${text}`,
      { cause },
    );
  }
}

class PrivateKeySigner implements ExportableSigner {
  readonly publicKey: PublicKey;
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    if (key.asymmetricKeyType !== "ed25519") {
      throw new TypeError(`Cannot sign as the key is not Ed25519: ${key.asymmetricKeyType}`);
    }
    this.#key = key;
    const { x } = createPublicKey(key).export({ format: "jwk" });
    this.publicKey = parsePublicKey(`ed25519:${x}`);
  }

  sign(message: Uint8Array): Uint8Array {
    return new Uint8Array(sign(null, message, this.#key));
  }

  pkcs8(): Uint8Array {
    return new Uint8Array(this.#key.export({ format: "der", type: "pkcs8" }));
  }
}
