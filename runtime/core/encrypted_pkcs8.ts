import { Buffer } from "node:buffer";
import { createCipheriv, randomBytes, scryptSync } from "node:crypto";

/**
 * scrypt's cost. OpenSSL refuses to read a key file that needs 32 MiB or more, which bounds N at
 * 2¹⁴ with r = 8; p = 5 makes up for it.
 *
 * @see OWASP Password Storage Cheat Sheet, "scrypt"
 */
const SCRYPT = { N: 1 << 14, r: 8, p: 5 } as const;
const SALT_BYTES = 16;
const IV_BYTES = 16;
const KEY_BYTES = 32;

/**
 * Encrypts a PKCS#8 private key with a passphrase: PBES2 with scrypt and AES-256-CBC. The
 * runtime's own export knows only PBKDF2 with 2048 rounds, which is why this is written by hand.
 *
 * @param der PKCS#8 PrivateKeyInfo. Not changed.
 * @param passphrase Not empty.
 * @returns DER of an EncryptedPrivateKeyInfo, as OpenSSL reads it.
 * @throws {RangeError} – when the passphrase is empty
 * @see RFC 5958, "Encrypted Private Key Info"; RFC 8018, "PBES2"; RFC 7914, "ASN.1 Syntax"
 */
export function encryptPkcs8(der: Uint8Array, passphrase: string): Uint8Array {
  if (passphrase === "") throw new RangeError("Cannot encrypt a key with an empty passphrase");
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(IV_BYTES);
  const key = scryptSync(passphrase, salt, KEY_BYTES, { ...SCRYPT, maxmem: 64 << 20 });
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  const encrypted = Buffer.concat([cipher.update(der), cipher.final()]);
  return sequence(
    sequence(
      objectId("2a864886f70d01050d"), // 1.2.840.113549.1.5.13 PBES2
      sequence(
        sequence(
          objectId("2b06010401da47040b"), // 1.3.6.1.4.1.11591.4.11 scrypt
          sequence(octets(salt), integer(SCRYPT.N), integer(SCRYPT.r), integer(SCRYPT.p)),
        ),
        sequence(
          objectId("60864801650304012a"), // 2.16.840.1.101.3.4.1.42 AES-256-CBC
          octets(iv),
        ),
      ),
    ),
    octets(encrypted),
  );
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tagged(0x30, Buffer.concat(parts));
}

function octets(bytes: Uint8Array): Uint8Array {
  return tagged(0x04, bytes);
}

function objectId(hex: string): Uint8Array {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

/** A positive integer below 2³¹: big-endian, with a leading zero where the top bit is set. */
function integer(value: number): Uint8Array {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  const bytes = Buffer.from(even, "hex");
  return tagged(0x02, bytes[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

function tagged(tag: number, content: Uint8Array): Uint8Array {
  const n = content.length;
  const length = n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : [0x82, n >> 8, n & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
