import type { KeyId, PublicKey } from "../core/documents/common.ts";
import { octal, OPEN_TO_OTHERS } from "../core/file_mode.ts";
import { type ExportableSigner, generateSigner, keyId } from "../core/key.ts";
import {
  KeyFileError,
  publicKeyFromPem,
  publicKeyToPem,
  signerFromPem,
  signerToPem,
} from "../core/pem.ts";
import { AuthorError } from "./errors.ts";
import { publicKeyFromSsh } from "./ssh_agent.ts";

/** A key file is a few hundred bytes; what is longer is another file. */
export const KEY_FILE_BYTES = 65_536;

/** A key pair that was written to files. */
export interface WrittenKey {
  readonly publicKey: PublicKey;
  readonly keyId: KeyId;
  /** PKCS#8 PEM, readable by its owner only. */
  readonly privateFile: string;
  /** SPKI PEM. */
  readonly publicFile: string;
  readonly signer: ExportableSigner;
}

/**
 * Makes a new key and writes `<path>` and `<path without .pem>.pub.pem`.
 *
 * @param path Ends in `.pem`.
 * @param passphrase With one, the private key is encrypted.
 * @throws {AuthorError} key_exists – when one of the files is there: a key is never replaced
 */
export async function writeNewKey(path: string, passphrase?: string): Promise<WrittenKey> {
  const publicFile = `${path.replace(/\.pem$/, "")}.pub.pem`;
  const signer = generateSigner();
  await writeNew(path, signerToPem(signer, passphrase), 0o600);
  await writeNew(publicFile, publicKeyToPem(signer.publicKey), 0o644);
  const { publicKey } = signer;
  return { publicKey, keyId: keyId(publicKey), privateFile: path, publicFile, signer };
}

/**
 * Reads a private key.
 *
 * @throws {AuthorError} key_readable – when others than its owner may read the file
 * @throws {KeyFileError} not_a_key, not_ed25519, passphrase – as `signerFromPem`
 */
export async function readSigner(path: string, passphrase?: string): Promise<ExportableSigner> {
  const { mode, size } = await Deno.stat(path);
  if (size <= KEY_FILE_BYTES && /-BEGIN PUBLIC KEY-/.test(await Deno.readTextFile(path))) {
    throw new KeyFileError(
      "not_a_key",
      `Cannot sign with "${path}" as it is a public key: the private one is needed`,
    );
  }
  if (mode !== null && Deno.build.os !== "windows" && (mode & OPEN_TO_OTHERS) !== 0) {
    throw new AuthorError(
      "key_readable",
      `Cannot use "${path}" as a key as others may read it: its mode is ${octal(mode)}`,
      `chmod 600 "${path}"`,
    );
  }
  if (size > KEY_FILE_BYTES) {
    throw new KeyFileError(
      "not_a_key",
      `Cannot read "${path}" as it is longer than any key, ${KEY_FILE_BYTES} bytes: ${size}`,
    );
  }
  return signerFromPem(await Deno.readTextFile(path), passphrase, `"${path}"`);
}

/**
 * Reads a public key: SPKI PEM, or a line as OpenSSH writes it.
 *
 * @throws {KeyFileError} not_a_key, not_ed25519 – as `publicKeyFromPem`
 */
export async function readPublicKey(path: string): Promise<PublicKey> {
  const text = await Deno.readTextFile(path);
  return publicKeyFromSsh(text) ?? publicKeyFromPem(text, `"${path}"`);
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  try {
    await Deno.writeTextFile(path, text, { createNew: true, mode });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new AuthorError(
      "key_exists",
      `Cannot write "${path}" as it exists, and a key is never replaced`,
      "choose another name, or move the old key away",
      { cause: error },
    );
  }
}
