import { canonicalBytes } from "../core/canonical_json.ts";
import { parseDocument } from "../core/documents/parse.ts";
import {
  addSignature,
  type DocumentKind,
  openEnvelope,
  payloadType,
  preAuthEncoding,
  sealPayload,
} from "../core/dsse.ts";
import type { Signer } from "../core/key.ts";
import { seeDocument } from "./document_kind.ts";
import { AuthorError } from "./errors.ts";

/** A signed document. */
export interface SignedDocument {
  readonly kind: DocumentKind;
  readonly envelope: Uint8Array;
  /** Whether it was signed before and only got more signatures. */
  readonly added: boolean;
}

/**
 * Signs a payload, or adds signatures to an envelope. What is signed was read by its schema first,
 * so that no key is ever put under something nobody would accept.
 *
 * @param file Its name, for messages.
 * @param signers At least one.
 * @throws {AuthorError} wrong_file – when it is neither a payload nor an envelope of ours
 * @throws {VerificationError} – the codes of `openEnvelope`, `parseDocument` and `addSignature`
 */
export function signDocument(
  bytes: Uint8Array,
  signers: readonly Signer[],
  file: string,
): SignedDocument {
  const { kind, payload, signed } = read(bytes, file);
  if (!signed) return { kind, envelope: sealPayload(kind, payload, signers), added: false };
  let envelope = bytes;
  for (const signer of signers) envelope = addSignature(kind, envelope, signer);
  return { kind, envelope, added: true };
}

/**
 * The very bytes that a signature on this file is over, for keys that sign elsewhere.
 *
 * @throws as {@linkcode signDocument}
 */
export function messageToSign(bytes: Uint8Array, file: string): Uint8Array {
  const { kind, payload } = read(bytes, file);
  return preAuthEncoding(payloadType(kind), payload);
}

function read(bytes: Uint8Array, file: string) {
  const seen = seeDocument(bytes);
  if (!seen) {
    throw new AuthorError(
      "wrong_file",
      `Cannot sign "${file}" as it is no manifest, order, accept-list, root or release`,
      "sign what writ pack made: manifest.json",
    );
  }
  const { kind, form } = seen;
  const payload = form === "payload"
    ? canonicalBytes(seen.value)
    : openEnvelope(kind, bytes).payload;
  parseDocument(kind, payload);
  return { kind, payload, signed: form === "envelope" };
}
