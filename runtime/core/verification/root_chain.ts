import { canonicalBytes } from "../canonical_json.ts";
import { digestOf } from "../digest.ts";
import type { Digest } from "../documents/common.ts";
import { parseDocument } from "../documents/parse.ts";
import type { Root } from "../documents/root.ts";
import { openEnvelope } from "../dsse.ts";
import { VerificationError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { requireThreshold } from "./threshold.ts";
import { requireInTime } from "./time.ts";

/** The root that holds now, and the digest of its payload. */
export interface VerifiedRoot {
  readonly root: Root;
  readonly digest: Digest;
}

/** A root known only by its digest, as an agent is given one when it enrols. */
export interface PinnedRoot {
  readonly digest: Digest;
}

/**
 * Walks from a trusted root to the newest one.
 *
 * For each envelope: it opens, the old root's threshold signed, it parses, the version is exactly
 * the next, fleet and epoch do not go astray, its own threshold signed. Only the last one must be
 * in its time: an expired root may still name its successor.
 *
 * @param trusted The root in use, or the digest of the first envelope's payload.
 * @param envelopes The following versions without a gap; may be empty when a root is in use.
 * @param now Milliseconds since the epoch.
 * @throws {VerificationError} root_not_pinned – when the first root has another digest, or is missing
 * @throws {VerificationError} too_large – when there are more than {@linkcode LIMITS.ROOT_CHAIN}
 * @throws {VerificationError} threshold – when the old or the new root keys did not sign
 * @throws {VerificationError} version_rollback, version_gap – when a version is not exactly the next
 * @throws {VerificationError} wrong_fleet, epoch_rollback – when a root leaves fleet or epoch
 * @throws {VerificationError} not_yet_valid, expired – when the last root is outside its time
 * @throws {VerificationError} – and the codes of `openEnvelope` and `parseDocument`
 * @see TUF 1.0, "Update the root role"
 */
export function verifyRootChain(
  trusted: Root | PinnedRoot,
  envelopes: readonly Uint8Array[],
  now: number,
): VerifiedRoot {
  if (envelopes.length > LIMITS.ROOT_CHAIN) {
    throw new VerificationError(
      "too_large",
      `Cannot walk the roots as there are more than ${LIMITS.ROOT_CHAIN}: ${envelopes.length}`,
    );
  }
  const pinned = "digest" in trusted;
  let newest = pinned ? openPinned(trusted, envelopes[0]) : inUse(trusted);
  for (const bytes of pinned ? envelopes.slice(1) : envelopes) {
    newest = verifyNextRoot(newest.root, bytes);
  }
  requireInTime(newest.root, `root ${newest.root.version}`, now);
  return newest;
}

/**
 * One step of {@linkcode verifyRootChain}, but for the root's time: for whoever is sent root after
 * root and keeps none that nobody has signed.
 *
 * @throws {VerificationError} – as {@linkcode verifyRootChain}, except not_yet_valid and expired
 */
export function verifyNextRoot(trusted: Root | PinnedRoot, envelope: Uint8Array): VerifiedRoot {
  return "digest" in trusted ? openPinned(trusted, envelope) : verifySuccessor(trusted, envelope);
}

function inUse(root: Root): VerifiedRoot {
  return { root, digest: digestOf(canonicalBytes(root)) };
}

function openPinned(pin: PinnedRoot, bytes: Uint8Array | undefined): VerifiedRoot {
  if (!bytes) {
    throw new VerificationError("root_not_pinned", "Cannot trust a root as none was given");
  }
  const envelope = openEnvelope("root", bytes);
  const digest = digestOf(envelope.payload);
  if (digest !== pin.digest) {
    throw new VerificationError(
      "root_not_pinned",
      `Cannot trust the first root as it is not ${pin.digest}: ${digest}`,
    );
  }
  const root = parseDocument("root", envelope.payload);
  requireThreshold(envelope, root.roles.root, "its own root role");
  return { root, digest };
}

function verifySuccessor(old: Root, bytes: Uint8Array): VerifiedRoot {
  const envelope = openEnvelope("root", bytes);
  requireThreshold(envelope, old.roles.root, `root ${old.version}`);
  const root = parseDocument("root", envelope.payload);
  requireNextVersion(old, root);
  requireThreshold(envelope, root.roles.root, `root ${root.version}`);
  return { root, digest: digestOf(envelope.payload) };
}

function requireNextVersion(old: Root, root: Root): void {
  if (root.fleet !== old.fleet) {
    throw new VerificationError(
      "wrong_fleet",
      `Cannot follow root ${old.version} as the next is of another fleet: "${root.fleet}"`,
    );
  }
  if (root.version !== old.version + 1) {
    throw new VerificationError(
      root.version <= old.version ? "version_rollback" : "version_gap",
      `Cannot follow root ${old.version} as the next is not version ${old.version + 1}: ` +
        root.version,
    );
  }
  if (root.epoch < old.epoch) {
    throw new VerificationError(
      "epoch_rollback",
      `Cannot follow root ${old.version} as the next is of an older epoch: ${root.epoch}`,
    );
  }
}
