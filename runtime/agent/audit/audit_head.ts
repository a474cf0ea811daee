import { decodeBase64, encodeBase64 } from "../../core/base64.ts";
import { canonicalBytes } from "../../core/canonical_json.ts";
import type { Digest, KeyId, PublicKey } from "../../core/documents/common.ts";
import { keyId, type Signer, verifySignature } from "../../core/key.ts";

/** The agent's word for where its audit log ends. */
export interface AuditHead {
  agent: KeyId;
  seq: number;
  hash: Digest;
  time: number;
  /** Base64. */
  signature: string;
}

/** Signs the end of the log. */
export function signHead(
  { seq, hash, time }: { seq: number; hash: Digest; time: number },
  signer: Signer,
): AuditHead {
  const head = { agent: keyId(signer.publicKey), seq, hash, time };
  return { ...head, signature: encodeBase64(signer.sign(signedBytes(head))) };
}

/** Whether the agent with this key signed the head. */
export function headIsBy(head: AuditHead, key: PublicKey): boolean {
  const signature = decodeBase64(head.signature);
  return head.agent === keyId(key) && signature !== undefined &&
    verifySignature(key, signedBytes(head), signature);
}

/** Reads a head that {@linkcode signHead} made. `undefined` when the text is something else. */
export function parseHead(text: string): AuditHead | undefined {
  try {
    const { agent, seq, hash, time, signature } = JSON.parse(text);
    const strings = [agent, hash, signature].every((value) => typeof value === "string");
    const numbers = Number.isSafeInteger(seq) && Number.isSafeInteger(time);
    return strings && numbers ? { agent, seq, hash, time, signature } : undefined;
  } catch {
    return undefined;
  }
}

function signedBytes({ agent, seq, hash, time }: Omit<AuditHead, "signature">): Uint8Array {
  return canonicalBytes(["writ.audit.head.v1", agent, seq, hash, time]);
}
