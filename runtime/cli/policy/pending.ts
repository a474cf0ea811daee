import type { Pending } from "../../agent/mod.ts";
import { digestOf, hexOf } from "../../core/digest.ts";
import type { Manifest, PermissionRequest } from "../../core/documents/manifest.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { VerificationError } from "../../core/errors.ts";
import { coversRequest } from "../../core/permission_subset.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { checkAccepted } from "../../core/verification/accepted.ts";
import { verifyManifest } from "../../core/verification/manifest.ts";
import { checkRequests } from "../../core/verification/requests.ts";
import type { FleetFile } from "../../policy/mod.ts";
import { findManifest } from "../fleet/find_manifest.ts";

/** Something refused that an admin can decide to let run. */
export interface PendingItem extends Pending {
  /** Short, and the same as long as the refusal is. */
  readonly id: string;
  /** What `writ policy approve` would do about it. */
  readonly approval: string;
}

/** Rules that an entry of the policy settles, and what kind of entry that is. */
const APPROVALS: Readonly<Record<string, string>> = {
  no_grant: "write a grant",
  not_accepted: "accept the release",
  unknown_publisher: "accept the publisher's key (--publisher-key) and the release",
  orderer_not_entitled: "let the orderer order it",
  request_beyond_grant: "grant what it asks for",
  denied_permission: "grant what it reached for",
};

/** What of an agent's refusals waits for an admin, judged by the policy files of now. */
export interface PendingReport {
  readonly auditMode: boolean;
  readonly items: readonly PendingItem[];
  /** In audit mode: what would have run. */
  readonly wouldRun: readonly Pending[];
}

/**
 * Leaves of an agent's refusals those that the policy files would still make, and that an entry in
 * them settles.
 *
 * @param policy What the files say, which the agent may not have loaded yet.
 */
export async function judgePending(
  report: { auditMode: boolean; pending: readonly Pending[] },
  policy: PolicyInForce,
  sources: FleetFile["sources"],
): Promise<PendingReport> {
  const items: PendingItem[] = [];
  for (const pending of report.pending) {
    const approval = APPROVALS[pending.rule];
    if (approval === undefined || !await isStillRefused(pending, policy, sources)) continue;
    items.push({ ...pending, id: idOf(pending), approval });
  }
  const wouldRun = report.pending.filter(({ rule }) => rule === "audit_mode");
  return { auditMode: report.auditMode, items, wouldRun };
}

async function isStillRefused(
  pending: Pending,
  policy: PolicyInForce,
  sources: FleetFile["sources"],
): Promise<boolean> {
  const { script, wanted, rule, orderers } = pending;
  const grant = policy.grants.get(script);
  if (!grant) return true;
  switch (rule) {
    case "no_grant":
      return false;
    case "orderer_not_entitled":
      return !orderers.some((name) => grant.orders.includes(name));
    case "denied_permission":
      return !coversRequest(grant.permissions, requestOf(pending));
  }
  const envelope = await findManifest(sources, script, wanted);
  if (!envelope) return true;
  try {
    const verified = verifyManifest(envelope, { policy });
    checkAccepted(verified, { policy });
    checkRequests(verified.manifest, grant, policy.ceiling);
    return false;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return true;
  }
}

/** The permission that a running script was denied, as a manifest would ask for it. */
export function requestOf({ permission, value }: Pending): PermissionRequest {
  return {
    permission: permission as PermissionRequest["permission"],
    ...(value ? { value } : {}),
    reason: "was denied",
  };
}

/** The content of a manifest, whoever signed it. */
export function manifestOf(envelope: Uint8Array): Manifest {
  return parseDocument("manifest", openEnvelope("manifest", envelope).payload);
}

function idOf({ script, rule, orderers, permission = "", value = "" }: Pending): string {
  const text = JSON.stringify([script, rule, orderers, permission, value]);
  return hexOf(digestOf(new TextEncoder().encode(text))).slice(0, 8);
}
