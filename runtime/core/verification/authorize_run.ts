import type { Digest } from "../documents/common.ts";
import type { Ceiling, Grant, Limits } from "../documents/grant.ts";
import type { Manifest } from "../documents/manifest.ts";
import type { EraseTypes } from "../module.ts";
import type { PolicyInForce } from "../policy_in_force.ts";
import { checkAccepted } from "./accepted.ts";
import { verifyManifest } from "./manifest.ts";
import { verifyModule } from "./module.ts";
import { requireEntitled, requireOrderers, type VerifiedOrder } from "./order.ts";
import { checkRequests } from "./requests.ts";
import { requireNotExpired } from "./time.ts";

/** Everything a cell needs, and what the record of the run names. */
export interface Authorized {
  readonly manifest: Manifest;
  readonly grant: Grant;
  /** The grant's, narrowed to what the manifest asks for. */
  readonly limits: Limits;
  readonly javascript: string;
  readonly policyDigest: Digest;
  readonly moduleDigest: Digest;
}

/**
 * Decides, right before a run, whether a verified order may run this module under the policy of
 * this moment. What was true when the order came in is asked again: the policy may have changed.
 *
 * In order: time, the orderer, the grant, manifest, deny, accept, sequence, runtime range, the order's
 * script, module, requests within grant within ceiling.
 *
 * @param run.manifestBytes The manifest's envelope.
 * @param run.moduleBytes A buffer that nobody else writes to.
 * @param run.now Milliseconds since the epoch.
 * @param run.highestSequence The highest sequence of this script ever accepted here.
 * @param run.erase As `prepareModule` takes it.
 * @throws {VerificationError} expired – when the order or the policy has expired
 * @throws {VerificationError} – and the codes of `verifyOrder` for orderer and grant, of
 * `verifyManifest`, `checkAccepted`, `verifyModule` and `checkRequests`
 */
export function authorizeRun(run: {
  order: VerifiedOrder;
  manifestBytes: Uint8Array;
  moduleBytes: Uint8Array;
  policy: PolicyInForce;
  now: number;
  highestSequence?: number | undefined;
  erase?: EraseTypes;
}): Authorized {
  const { order: { order, signers }, policy, now, highestSequence } = run;
  if (policy.expires !== undefined) requireNotExpired(policy.expires, "the policy", now);
  requireNotExpired(Date.parse(order.expires), `order ${order.id}`, now);
  requireEntitled(order, requireOrderers(signers, policy), policy);
  const verified = verifyManifest(run.manifestBytes, { policy });
  const { manifest } = verified;
  checkAccepted(verified, { policy, highestSequence, order });
  const module = verifyModule(run.moduleBytes, manifest, run.erase);
  const grant = policy.grants.get(order.script.name)!;
  checkRequests(manifest, grant, policy.ceiling);
  return {
    manifest,
    grant,
    limits: limitsOf(manifest, grant, policy.ceiling),
    javascript: module.javascript,
    policyDigest: policy.digest,
    moduleDigest: module.digest,
  };
}

/** The smallest of the three for each; they are known to be in this sequence already. */
function limitsOf(manifest: Manifest, grant: Grant, ceiling: Ceiling): Limits {
  const smallest = (name: keyof Limits) =>
    Math.min(manifest.limits?.[name] ?? Infinity, grant.limits[name], ceiling.limits[name]);
  return {
    memoryBytes: smallest("memoryBytes"),
    cpuMs: smallest("cpuMs"),
    wallMs: smallest("wallMs"),
    outputBytes: smallest("outputBytes"),
    runs: smallest("runs"),
  };
}
