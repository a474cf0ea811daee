import type { Advert } from "../documents/advert.ts";
import type { KeyId } from "../documents/common.ts";
import { parseDocument } from "../documents/parse.ts";
import { openEnvelope, signedBy } from "../dsse.ts";
import { VerificationError } from "../errors.ts";
import { keyId } from "../key.ts";
import { requireInTime } from "./time.ts";

/** The longest an advert may say that it holds: one that is kept longer than its agent lives lies. */
const MAX_LIFETIME_MS = 24 * 60 * 60_000;

/** An advert that its agent has signed. */
export interface VerifiedAdvert {
  readonly advert: Advert;
  /** The agent that speaks of itself. */
  readonly agent: KeyId;
}

/**
 * Judges an advert: envelope, document, the agent's own signature, fleet, time. Says nothing about
 * whether the agent belongs to the fleet.
 *
 * @param now Milliseconds since the epoch.
 * @throws {VerificationError} too_large, bad_envelope, wrong_kind, not_canonical, bad_schema,
 *   low_order_key – when it is not a well-formed advert, or would hold for longer than a day
 * @throws {VerificationError} threshold – when the agent has not signed it
 * @throws {VerificationError} wrong_fleet – when it is for another fleet
 * @throws {VerificationError} expired, not_yet_valid – at `now`
 */
export function verifyAdvert(
  bytes: Uint8Array,
  { fleet, now }: { fleet: string; now: number },
): VerifiedAdvert {
  const envelope = openEnvelope("advert", bytes);
  const advert = parseDocument("advert", envelope.payload);
  const agent = keyId(advert.key);
  if (!signedBy(envelope, [advert.key]).has(advert.key)) {
    throw new VerificationError(
      "threshold",
      `Cannot take an advert of ${agent} as it has not signed it`,
    );
  }
  if (advert.fleet !== fleet) {
    throw new VerificationError(
      "wrong_fleet",
      `Cannot take an advert of ${agent} as it is of another fleet: "${advert.fleet}"`,
    );
  }
  requireInTime(advert, `an advert of ${agent}`, now);
  if (Date.parse(advert.expires) - Date.parse(advert.issued) > MAX_LIFETIME_MS) {
    throw new VerificationError(
      "bad_schema",
      `Cannot take an advert of ${agent} as it holds for longer than a day: ${advert.expires}`,
    );
  }
  return { advert, agent };
}
