import type { Digest } from "../documents/common.ts";
import type { Ceiling, Grant, Limits } from "../documents/grant.ts";
import type { Manifest } from "../documents/manifest.ts";
import type { Order } from "../documents/order.ts";
import type { ModuleParsers } from "../module.ts";
import type { PolicyInForce } from "../policy_in_force.ts";
import { checkAccepted } from "./accepted.ts";
import { VerificationError } from "../errors.ts";
import { scriptNameOf, verifyManifest } from "./manifest.ts";
import { verifyModule } from "./module.ts";
import { requireEntitled, requireOrderers, SCRIPT_ORDERER, type VerifiedOrder } from "./order.ts";
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

/** A manifest that may run under a policy, for an order where there is one. */
export interface ManifestAsked {
  readonly order?: Pick<Order, "script">;
  /** The manifest's envelope. */
  readonly manifestBytes: Uint8Array;
  readonly policy: PolicyInForce;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The highest sequence of this script ever accepted here. */
  readonly highestSequence?: number | undefined;
}

/** As {@linkcode ManifestAsked}, with the module itself. */
export interface ModuleAsked extends ManifestAsked {
  /** A buffer that nobody else writes to. */
  readonly moduleBytes: Uint8Array;
  /** As `prepareModule` takes them. */
  readonly parsers: ModuleParsers;
}

/** As {@linkcode ModuleAsked}, with the whole order. */
export interface RunAsked extends Omit<ModuleAsked, "order"> {
  readonly order: VerifiedOrder;
}

/**
 * Decides, right before a run, whether a verified order may run this module under the policy of
 * this moment. What was true when the order came in is asked again: the policy may have changed.
 *
 * In order: the order's time, the orderer, the policy's time, manifest, deny, accept, sequence,
 * runtime range, the order's script, requests within grant within ceiling, module.
 *
 * @throws {VerificationError} expired – when the order or the policy has expired
 * @throws {VerificationError} – and the codes of `verifyOrder` for orderer and grant, of
 * `verifyManifest`, `checkAccepted`, `verifyModule` and `checkRequests`
 */
export function authorizeRun(run: RunAsked): Authorized {
  const { order: { order, orderer, signers }, policy, now } = run;
  requireNotExpired(Date.parse(order.expires), `order ${order.id}`, now);
  // What a script scheduled for itself asks for nothing but the script.
  if (orderer !== SCRIPT_ORDERER) {
    requireEntitled(order, requireOrderers(signers, policy), policy);
  }
  return authorizeModule({ ...run, order });
}

/**
 * The part of {@linkcode authorizeRun} that is about the module alone: for a request to a script's
 * own endpoint, which no order asks for.
 *
 * In order: the policy's time, manifest, deny, accept, sequence, runtime range, the order's script
 * where there is one, grant, requests within grant within ceiling, module, and last that this node
 * runs anything at all.
 *
 * @throws {VerificationError} no_grant – when no grant names the script
 * @throws {VerificationError} audit_mode – when all holds, and the node only records
 * @throws {VerificationError} – and as {@linkcode authorizeRun}
 */
export function authorizeModule(run: ModuleAsked): Authorized {
  const permitted = authorizeManifest(run);
  const module = verifyModule(run.moduleBytes, permitted.manifest, run.parsers);
  if (run.policy.auditMode) throw onlyRecorded(permitted.manifest);
  return {
    ...permitted,
    javascript: module.javascript,
    policyDigest: run.policy.digest,
    moduleDigest: module.digest,
  };
}

/** What of {@linkcode Authorized} does not hang on the module's bytes. */
export type Permitted = Pick<Authorized, "manifest" | "grant" | "limits">;

/**
 * The part of {@linkcode authorizeModule} that a change of the policy can change: what was verified
 * of the module's bytes stays so.
 *
 * @throws {VerificationError} – as {@linkcode authorizeModule}
 */
export function authorizeManifest(asked: ManifestAsked): Permitted {
  const { order, manifestBytes, policy, now, highestSequence } = asked;
  if (policy.expires !== undefined) requireNotExpired(policy.expires, "the policy", now);
  const verified = verifyManifest(manifestBytes, { policy });
  const { manifest } = verified;
  checkAccepted(verified, { policy, highestSequence, ...(order && { order }) });
  const script = scriptNameOf(manifest);
  const grant = policy.grants.get(script);
  if (!grant) {
    throw new VerificationError("no_grant", `Cannot run "${script}" as no grant names it`);
  }
  checkRequests(manifest, grant, policy.ceiling);
  return { manifest, grant, limits: limitsOf(manifest, grant, policy.ceiling) };
}

function onlyRecorded(manifest: Manifest): VerificationError {
  return new VerificationError(
    "audit_mode",
    `Cannot run "${scriptNameOf(manifest)}" ${manifest.version} as this node runs nothing: ` +
      "everything else holds",
  );
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
