import type { PublicKey } from "../documents/common.ts";
import type { Role } from "../documents/root.ts";
import { type Envelope, signedBy } from "../dsse.ts";
import { VerificationError } from "../errors.ts";

/**
 * Requires that enough distinct keys of a role signed.
 *
 * @param name The role as messages call it.
 * @returns The public keys that signed.
 * @throws {VerificationError} threshold – when fewer than the role asks for
 */
export function requireThreshold(envelope: Envelope, role: Role, name: string): Set<PublicKey> {
  const signers = signedBy(envelope, role.keys);
  if (!meets(signers.size, role.threshold)) {
    throw new VerificationError(
      "threshold",
      `Cannot trust the ${envelope.kind} as fewer keys of ${name} signed it than must: ` +
        `${signers.size} of ${role.threshold}`,
    );
  }
  return signers;
}

/** Fails closed on a threshold of zero, which no schema lets through. */
export function meets(count: number, threshold: number): boolean {
  return threshold >= 1 && count >= threshold;
}
