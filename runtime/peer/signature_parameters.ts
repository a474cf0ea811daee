import type { InnerList } from "structured-headers";
import { type PublicKey, publicKeySchema } from "../core/documents/common.ts";
import * as v from "valibot";
import { PeerError } from "./errors.ts";
import { PEER_LIMITS } from "./limits.ts";

/** The parameters that our signatures have, each with what it must be. */
interface Parameters {
  /** Seconds since the epoch. */
  created: number;
  /** Seconds since the epoch. */
  expires: number;
  nonce: string;
  /** The public key itself, so that nobody has to look it up. */
  keyid: PublicKey;
}

/**
 * The parameters of a signature: all of `names` and nothing else.
 *
 * @throws {PeerError} bad_field – one is missing, of another type, too long, or not asked for
 */
export function parametersOf<Name extends keyof Parameters>(
  [, parameters]: InnerList,
  names: readonly Name[],
): Pick<Parameters, Name> {
  const good = parameters.size === names.length &&
    names.every((name) => CHECKS[name](parameters.get(name)));
  if (!good) {
    throw new PeerError(
      "bad_field",
      `Cannot read Signature-Input as its parameters must be ${names.join(", ")}: got ${
        [...parameters.keys()].join(", ")
      }`,
    );
  }
  return Object.fromEntries(parameters) as unknown as Pick<Parameters, Name>;
}

/**
 * That the signature covers exactly these components, in this sequence.
 *
 * @param components Names without parameters, or as they are serialized.
 * @throws {PeerError} not_covered – it does not
 */
export function requireComponents([items]: InnerList, components: readonly string[]): void {
  const same = items.length === components.length &&
    items.every(([name, { size }], i) => size === 0 && name === components[i]);
  if (same) return;
  const covered = items.map(([name]) => String(name)).join(" ");
  throw new PeerError(
    "not_covered",
    `Cannot believe the signature as it must cover ${components.join(" ")}: got ${covered}`,
  );
}

const isTime = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

const CHECKS: Record<keyof Parameters, (value: unknown) => boolean> = {
  created: isTime,
  expires: isTime,
  nonce: (value) =>
    typeof value === "string" && /^[A-Za-z0-9_-]+$/.test(value) &&
    value.length <= PEER_LIMITS.NONCE_CHARS && value.length >= PEER_LIMITS.NONCE_MIN_CHARS,
  keyid: (value) => v.is(publicKeySchema, value),
};
