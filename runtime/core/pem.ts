import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { encodeBase64 } from "./base64.ts";
import type { PublicKey } from "./documents/common.ts";
import { encryptPkcs8 } from "./encrypted_pkcs8.ts";
import { type ExportableSigner, parsePublicKey, signerFromPkcs8 } from "./key.ts";
import { CodedError } from "./coded_error.ts";

/** Why a key file cannot be used. */
export type KeyFileCode =
  /** Not one PEM block of the kind that was asked for. */
  | "not_a_key"
  /** A key, but of another algorithm than Ed25519. */
  | "not_ed25519"
  /** Encrypted, and no passphrase was given, or a wrong one. */
  | "passphrase";

/** A key file that cannot be used. No part of the file is in its message. */
export class KeyFileError extends CodedError<KeyFileCode> {
  override readonly name = "KeyFileError";
}

/**
 * Writes a private key as PKCS#8 PEM, as `openssl pkey` reads it.
 *
 * @param passphrase With one, the key is encrypted (scrypt, AES-256-CBC).
 * @see RFC 5958, "Asymmetric Key Package"; RFC 8410, "Private Key Format"
 */
export function signerToPem(signer: ExportableSigner, passphrase?: string): string {
  return passphrase === undefined
    ? block("PRIVATE KEY", signer.pkcs8())
    : block("ENCRYPTED PRIVATE KEY", encryptPkcs8(signer.pkcs8(), passphrase));
}

/**
 * Reads a private key from PKCS#8 PEM, encrypted or not.
 *
 * @param name How messages call it, such as the file's name in quotes.
 * @throws {KeyFileError} not_a_key – when the text is not one PEM block with a private key
 * @throws {KeyFileError} not_ed25519 – when the key is of another algorithm
 * @throws {KeyFileError} passphrase – when it is encrypted and the passphrase is missing or wrong
 * @example
 * ```ts
 * import { generateSigner } from "./key.ts";
 * import { signerFromPem, signerToPem } from "./pem.ts";
 * import assert from "node:assert/strict";
 *
 * const signer = generateSigner();
 * assert.equal(signerFromPem(signerToPem(signer)).publicKey, signer.publicKey);
 * ```
 */
export function signerFromPem(
  pem: string,
  passphrase?: string,
  name = "the private key",
): ExportableSigner {
  const encrypted = labelOf(name, pem, ["PRIVATE KEY", "ENCRYPTED PRIVATE KEY"]) !== "PRIVATE KEY";
  if (encrypted && passphrase === undefined) {
    throw new KeyFileError("passphrase", `Cannot read ${name} as it needs a passphrase`);
  }
  const key = read(name, encrypted, () =>
    createPrivateKey(
      encrypted
        ? { key: pem, format: "pem", passphrase: passphrase! }
        : { key: pem, format: "pem" },
    ));
  return signerFromPkcs8(key.export({ format: "der", type: "pkcs8" }));
}

/** Writes a public key as SPKI PEM, as `openssl pkey -pubin` reads it. */
export function publicKeyToPem(key: PublicKey): string {
  const x = parsePublicKey(key).slice("ed25519:".length);
  const spki = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return block("PUBLIC KEY", spki.export({ format: "der", type: "spki" }));
}

/**
 * Reads a public key from SPKI PEM.
 *
 * @param name How messages call it, such as the file's name in quotes.
 * @throws {KeyFileError} not_a_key – when the text is not one PEM block with a public key; a
 * private key is not taken for one
 * @throws {KeyFileError} not_ed25519 – when the key is of another algorithm
 * @throws {VerificationError} low_order_key, bad_schema – as `parsePublicKey`
 */
export function publicKeyFromPem(pem: string, name = "the public key"): PublicKey {
  labelOf(name, pem, ["PUBLIC KEY"]);
  const key = read(name, false, () => createPublicKey({ key: pem, format: "pem" }));
  return parsePublicKey(`ed25519:${key.export({ format: "jwk" }).x}`);
}

/** The label of the one PEM block that the text is, if it is one of those wanted. */
function labelOf(name: string, pem: string, wanted: readonly string[]): string {
  const match = /^\s*-----BEGIN ([A-Z0-9 ]+)-----\s[A-Za-z0-9+/=\s]+-----END \1-----\s*$/.exec(pem);
  if (match && wanted.includes(match[1]!)) return match[1]!;
  const found = match ? `"${match[1]}"` : "something else";
  throw new KeyFileError(
    "not_a_key",
    `Cannot read ${name} as it is not one PEM block "${wanted.join('" or "')}": ${found}`,
  );
}

function read(name: string, encrypted: boolean, parse: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = parse();
  } catch (cause) {
    throw encrypted
      ? new KeyFileError("passphrase", `Cannot read ${name} with this passphrase`, { cause })
      : new KeyFileError("not_a_key", `Cannot read ${name} as its content is damaged`, {
        cause,
      });
  }
  if (key.asymmetricKeyType !== "ed25519") {
    throw new KeyFileError(
      "not_ed25519",
      `Cannot use ${name} as it is not Ed25519: ${key.asymmetricKeyType}`,
    );
  }
  return key;
}

function block(label: string, der: Uint8Array): string {
  const lines = encodeBase64(Buffer.from(der)).match(/.{1,64}/g)!.join("\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
