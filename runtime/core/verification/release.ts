import type { Release } from "../documents/release.ts";
import { parseDocument } from "../documents/parse.ts";
import type { Root } from "../documents/root.ts";
import { openEnvelope } from "../dsse.ts";
import { VerificationError } from "../errors.ts";
import { requireThreshold } from "./threshold.ts";
import { requireInTime } from "./time.ts";

/**
 * Verifies what program the agents of a fleet shall be.
 *
 * In order: envelope, threshold of the role `releases`, canonical JSON, schema, fleet, sequence,
 * time.
 *
 * @param options.newest The highest sequence this agent ever took; 0 for none.
 * @param options.now Milliseconds since the epoch.
 * @throws {VerificationError} threshold – when the role `releases` did not sign, or there is none
 * @throws {VerificationError} wrong_fleet – when it is another fleet's release
 * @throws {VerificationError} version_rollback – when a newer one, or this one, was taken
 * @throws {VerificationError} not_yet_valid, expired – when it is outside its time
 * @throws {VerificationError} – and the codes of `openEnvelope` and `parseDocument`
 * @see TUF 1.0, "Attacks" for rollback and arbitrary installation
 */
export function verifyRelease(
  bytes: Uint8Array,
  options: { root: Root; newest: number; now: number },
): Release {
  const { root, newest, now } = options;
  const envelope = openEnvelope("release", bytes);
  const role = root.roles.releases;
  if (!role) {
    throw new VerificationError(
      "threshold",
      `Cannot trust the release as root ${root.version} names nobody who signs releases`,
    );
  }
  requireThreshold(envelope, role, "the role releases");
  const release = parseDocument("release", envelope.payload);
  if (release.fleet !== root.fleet) {
    throw new VerificationError(
      "wrong_fleet",
      `Cannot use the release as it is not of fleet "${root.fleet}": "${release.fleet}"`,
    );
  }
  if (release.sequence <= newest) {
    throw new VerificationError(
      "version_rollback",
      `Cannot use the release as number ${newest} was taken before: ${release.sequence}`,
    );
  }
  requireInTime(release, `release ${release.sequence}`, now);
  return release;
}
