import { digestOf } from "../digest.ts";
import type { AcceptList } from "../documents/acceptlist.ts";
import type { Digest } from "../documents/common.ts";
import { parseDocument } from "../documents/parse.ts";
import type { Root } from "../documents/root.ts";
import { openEnvelope } from "../dsse.ts";
import { VerificationError } from "../errors.ts";
import { requireThreshold } from "./threshold.ts";
import { requireInTime } from "./time.ts";

/** An accept-list that holds, and the digest of its payload. */
export interface VerifiedAcceptList {
  readonly list: AcceptList;
  readonly digest: Digest;
}

/** What an agent remembers of the newest list it verified. */
export interface StoredAcceptList {
  readonly epoch: number;
  readonly version: number;
  readonly digest: Digest;
}

/**
 * Verifies an accept-list against the root in use and the newest list ever seen.
 *
 * In order: envelope, threshold of the role `accept`, canonical JSON, schema, fleet, epoch,
 * version, `prev`, time. A root of a higher epoch starts the versions afresh, which is how a fleet
 * recovers when a stolen key signed version 2⁵³ − 1.
 *
 * @param options.stored Absent only if this agent never saw a list.
 * @param options.now Milliseconds since the epoch.
 * @throws {VerificationError} threshold – when the role `accept` did not sign
 * @throws {VerificationError} wrong_fleet – when it is another fleet's list
 * @throws {VerificationError} epoch_rollback, epoch_ahead – when its epoch is not the root's
 * @throws {VerificationError} version_rollback – when it is older than the stored one
 * @throws {VerificationError} version_conflict – when it is the stored version with other bytes
 * @throws {VerificationError} prev_mismatch – when it does not name the list before it
 * @throws {VerificationError} not_yet_valid, expired – when it is outside its time
 * @throws {VerificationError} – and the codes of `openEnvelope` and `parseDocument`
 * @see TUF 1.0, "Attacks" for rollback, fast-forward and freeze
 */
export function verifyAcceptList(
  bytes: Uint8Array,
  options: { root: Root; stored?: StoredAcceptList | undefined; now: number },
): VerifiedAcceptList {
  const { root, stored, now } = options;
  const envelope = openEnvelope("acceptlist", bytes);
  requireThreshold(envelope, root.roles.accept, "the role accept");
  const list = parseDocument("acceptlist", envelope.payload);
  const digest = digestOf(envelope.payload);
  requireFleet(list, root);
  requireEpoch(list, root, stored);
  if (stored?.epoch === list.epoch) requireVersion(list, digest, stored);
  requirePrev(list, stored);
  requireInTime(list, `accept-list ${list.version}`, now);
  return { list, digest };
}

function requireFleet(list: AcceptList, root: Root): void {
  if (list.fleet === root.fleet) return;
  throw new VerificationError(
    "wrong_fleet",
    `Cannot use the accept-list as it is not of fleet "${root.fleet}": "${list.fleet}"`,
  );
}

function requireEpoch(list: AcceptList, root: Root, stored: StoredAcceptList | undefined): void {
  if (list.epoch < root.epoch || list.epoch < (stored?.epoch ?? 0)) {
    throw new VerificationError(
      "epoch_rollback",
      `Cannot use the accept-list as its epoch is older than the fleet's: ${list.epoch}`,
    );
  }
  if (list.epoch > root.epoch) {
    throw new VerificationError(
      "epoch_ahead",
      `Cannot use the accept-list as root ${root.version} is still in epoch ${root.epoch}: ` +
        list.epoch,
    );
  }
}

function requireVersion(list: AcceptList, digest: Digest, stored: StoredAcceptList): void {
  if (list.version < stored.version) {
    throw new VerificationError(
      "version_rollback",
      `Cannot use the accept-list as version ${stored.version} was seen: ${list.version}`,
    );
  }
  if (list.version === stored.version && digest !== stored.digest) {
    throw new VerificationError(
      "version_conflict",
      `Cannot use the accept-list as version ${stored.version} was seen with ${stored.digest}: ` +
        digest,
    );
  }
}

function requirePrev(list: AcceptList, stored: StoredAcceptList | undefined): void {
  const isNext = stored?.epoch === list.epoch && list.version === stored.version + 1;
  const expected = isNext ? stored.digest : undefined;
  // Only the very first list has no list before it.
  if (expected ? list.prev === expected : list.version === 1 || list.prev !== null) return;
  throw new VerificationError(
    "prev_mismatch",
    `Cannot use accept-list ${list.version} as its prev is not ${expected ?? "a digest"}: ` +
      list.prev,
  );
}
