import { generateSigner, type Signer } from "../../core/key.ts";
import { signerFromPem, signerToPem } from "../../core/pem.ts";
import { AgentError, messageOf } from "../errors.ts";
import { readPrivateFile } from "./private_file.ts";

/**
 * The agent's identity: an Ed25519 key as PKCS#8 PEM, made at the first start.
 *
 * @throws {AgentError} key_unreadable – the file is no such key, or others may read it.
 */
export function loadAgentKey(path: string): Signer {
  const pem = readPrivateFile(path, () => signerToPem(generateSigner()));
  try {
    return signerFromPem(pem);
  } catch (error) {
    throw new AgentError(
      "key_unreadable",
      `Cannot use "${path}" as agent key: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}
