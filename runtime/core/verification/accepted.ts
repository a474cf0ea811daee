import type { AcceptEntry } from "../documents/acceptlist.ts";
import type { Manifest } from "../documents/manifest.ts";
import type { Order } from "../documents/order.ts";
import { VerificationError } from "../errors.ts";
import type { PolicyInForce } from "../policy_in_force.ts";
import { isAllowedBy, isForbiddenBy } from "../semver_range.ts";
import { WRIT_VERSION } from "../version.ts";
import { scriptNameOf, type VerifiedManifest } from "./manifest.ts";
import { acceptEntriesOf, denyIndexOf } from "./policy_index.ts";

/**
 * Decides whether the policy lets a verified manifest run.
 *
 * In order: deny (key, hash, name and range), accept (hash, or range from a sequence on), the
 * sequence is not lower than the highest seen, the runtime range, and that it is what the order
 * names. A pinned hash is exempt from the sequence: the admin chose those very bytes.
 *
 * @param options.highestSequence The highest sequence of this script ever accepted here.
 * @param options.order Absent when no order asked, as in `explain`.
 * @returns The entry that accepts it, a pinned one first.
 * @throws {VerificationError} denied – when a deny entry matches
 * @throws {VerificationError} not_accepted – when no accept entry matches
 * @throws {VerificationError} sequence_rollback – when the sequence is lower than the entry's, or
 * than the highest seen
 * @throws {VerificationError} runtime_range – when it asks for another version of Writ
 * @throws {VerificationError} order_mismatch – when the order names another script, hash or version
 */
export function checkAccepted(
  verified: VerifiedManifest,
  options: {
    policy: PolicyInForce;
    highestSequence?: number | undefined;
    order?: Pick<Order, "script">;
  },
): AcceptEntry {
  const { manifest } = verified;
  requireNotDenied(verified, options.policy);
  const entry = requireAccepted(manifest, options.policy);
  if (!("sha256" in entry)) requireSequence(manifest, options.highestSequence ?? 0);
  requireRuntime(manifest);
  if (options.order) requireOrdered(manifest, options.order);
  return entry;
}

function requireNotDenied({ manifest, signers }: VerifiedManifest, policy: PolicyInForce): void {
  const { keys, hashes, scripts } = denyIndexOf(policy);
  const signer = [...signers].find((key) => keys.has(key));
  const match = (signer && keys.get(signer)) ?? hashes.get(manifest.module.sha256) ??
    scripts.get(scriptNameOf(manifest))?.find(({ range }) =>
      range === undefined || isForbiddenBy(manifest.version, range)
    );
  if (!match) return;
  const rule = "key" in match
    ? match.key
    : "sha256" in match
    ? match.sha256
    : `${match.script} ${match.range ?? ""}`.trimEnd();
  throw refusal("denied", manifest, `a deny entry names it: ${rule}`);
}

function requireAccepted(manifest: Manifest, policy: PolicyInForce): AcceptEntry {
  const entries = acceptEntriesOf(policy, scriptNameOf(manifest));
  const pinned = entries.find((entry) =>
    "sha256" in entry && entry.sha256 === manifest.module.sha256
  );
  if (pinned) return pinned;
  const ranged = entries.filter((entry) =>
    "range" in entry && isAllowedBy(manifest.version, entry.range)
  );
  const entry = ranged.find((entry) =>
    "range" in entry && manifest.sequence >= (entry.minSequence ?? 0)
  );
  if (entry) return entry;
  if (ranged.length > 0) {
    throw refusal("sequence_rollback", manifest, `it is too old a release: ${manifest.sequence}`);
  }
  throw refusal("not_accepted", manifest, `it is on no accept entry: ${manifest.module.sha256}`);
}

function requireSequence(manifest: Manifest, highest: number): void {
  if (manifest.sequence >= highest) return;
  const found = `release ${highest} was seen: ${manifest.sequence}`;
  throw refusal("sequence_rollback", manifest, found);
}

function requireRuntime(manifest: Manifest): void {
  if (isAllowedBy(WRIT_VERSION, manifest.runtime)) return;
  const found = `it asks for another Writ than ${WRIT_VERSION}: ${manifest.runtime}`;
  throw refusal("runtime_range", manifest, found);
}

function requireOrdered(manifest: Manifest, order: Pick<Order, "script">): void {
  const asked = order.script;
  const matches = asked.name === scriptNameOf(manifest) &&
    ("sha256" in asked
      ? asked.sha256 === manifest.module.sha256
      : isAllowedBy(manifest.version, asked.range));
  if (matches) return;
  const wanted = "sha256" in asked ? asked.sha256 : asked.range;
  throw refusal("order_mismatch", manifest, `the order names ${asked.name} ${wanted}`);
}

function refusal(
  code: "denied" | "not_accepted" | "sequence_rollback" | "runtime_range" | "order_mismatch",
  manifest: Manifest,
  found: string,
): VerificationError {
  return new VerificationError(
    code,
    `Cannot run "${scriptNameOf(manifest)}" ${manifest.version} as ${found}`,
  );
}
