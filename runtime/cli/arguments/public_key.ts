import type { PublicKey } from "../../core/documents/common.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { readUserFile } from "./files.ts";

/**
 * Reads a public key as users name one: `ed25519:…`, or the path of a `.pub.pem` file.
 *
 * @throws {CliError} usage – when it is a key's id; no_such_file, file – when it cannot be read
 * @throws {VerificationError} bad_schema, low_order_key – when it is no usable key
 * @throws {KeyFileError} – when the file is none of a public key
 */
export async function readPublicKey(cli: Cli, text: string): Promise<PublicKey> {
  const [{ KEY_FILE_BYTES }, { parsePublicKey }, { publicKeyFromPem }] = await Promise.all([
    import("../../author/key_file.ts"),
    import("../../core/key.ts"),
    import("../../core/pem.ts"),
  ]);
  if (text.startsWith("ed25519:")) return parsePublicKey(text);
  if (text.startsWith("writ-key:")) {
    throw new CliError("usage", `Cannot use "${text}" as it is a key's id and not the key`);
  }
  const bytes = await readUserFile(cli.path(text), text, KEY_FILE_BYTES);
  return publicKeyFromPem(new TextDecoder().decode(bytes), `"${text}"`);
}
