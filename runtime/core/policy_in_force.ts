import { canonicalBytes } from "./canonical_json.ts";
import { digestOf } from "./digest.ts";
import type { AcceptEntry, AcceptList, DenyEntry, Publisher } from "./documents/acceptlist.ts";
import type { Digest, KeyId } from "./documents/common.ts";
import { type Ceiling, DEFAULT_LIMITS, type Grant } from "./documents/grant.ts";
import type { Role, Root } from "./documents/root.ts";

/**
 * The rules an agent decides by: from local policy files, or from a signed accept-list that local
 * files may only narrow. Read-only; a reload makes a new one.
 */
export interface PolicyInForce {
  readonly fleet: string;
  /** Named sets of keys that may order. */
  readonly orderers: ReadonlyMap<string, Role>;
  readonly publishers: ReadonlyMap<string, Publisher>;
  readonly accept: readonly AcceptEntry[];
  readonly deny: readonly DenyEntry[];
  readonly grants: ReadonlyMap<string, Grant>;
  readonly labels: ReadonlyMap<KeyId, readonly string[]>;
  readonly ceiling: Ceiling;
  /** Milliseconds since the epoch after which nothing runs; absent for local files. */
  readonly expires?: number;
  /** Nothing runs here: what would have run, or have been refused, is only recorded. */
  readonly auditMode?: true;
  /** Digest over everything above, recorded with every run. */
  readonly digest: Digest;
}

/** The rules of a policy as JSON carries them: what the digest is over. */
export interface PolicyRules {
  readonly fleet: string;
  /** Sorted pairs rather than objects: a map's keys are data and may be any word. */
  readonly orderers: readonly (readonly [string, Role])[];
  readonly publishers: readonly (readonly [string, Publisher])[];
  readonly accept: readonly AcceptEntry[];
  readonly deny: readonly DenyEntry[];
  readonly grants: readonly (readonly [string, Grant])[];
  readonly labels: readonly (readonly [KeyId, readonly string[]])[];
  readonly ceiling: Ceiling;
  readonly expires: number | null;
  readonly auditMode?: true;
}

/** Writes a policy's rules down, whatever sequence its maps have. */
export function rulesOf(policy: Omit<PolicyInForce, "digest">): PolicyRules {
  return {
    fleet: policy.fleet,
    orderers: asEntries(policy.orderers),
    publishers: asEntries(policy.publishers),
    accept: policy.accept,
    deny: policy.deny,
    grants: asEntries(policy.grants),
    labels: asEntries(policy.labels),
    ceiling: policy.ceiling,
    expires: policy.expires ?? null,
    ...(policy.auditMode && { auditMode: true }),
  };
}

/** The policy that {@linkcode rulesOf} wrote down. Its rules are not checked again. */
export function policyFromRules(rules: PolicyRules): PolicyInForce {
  const { expires, ...rest } = rules;
  return makePolicy({
    ...rest,
    orderers: new Map(rules.orderers),
    publishers: new Map(rules.publishers),
    grants: new Map(rules.grants),
    labels: new Map(rules.labels),
    ...(expires !== null && { expires }),
  });
}

/**
 * Completes a policy with its digest: over every rule in it, in canonical JSON, whatever sequence
 * its maps have.
 *
 * @param rules Not changed.
 */
export function makePolicy(rules: Omit<PolicyInForce, "digest">): PolicyInForce {
  return Object.freeze({ ...rules, digest: digestOf(canonicalBytes(rulesOf(rules))) });
}

/**
 * The policy that a verified accept-list and root make, under this node's ceiling.
 *
 * @param list Verified by `verifyAcceptList` against this very root.
 * @param root Verified by `verifyRootChain`.
 */
export function policyInForceFrom(list: AcceptList, root: Root, ceiling: Ceiling): PolicyInForce {
  return makePolicy(rulesFrom(list, root, ceiling));
}

/**
 * The policy of a list for whoever looks at it apart from any agent: ceilings are each agent's own.
 *
 * @param list As {@linkcode policyInForceFrom} takes it.
 */
export function policyOfList(list: AcceptList, root: Root): PolicyInForce {
  return policyInForceFrom(list, root, { permissions: {}, limits: DEFAULT_LIMITS });
}

/** As {@linkcode policyInForceFrom}, for whoever changes the rules before they get their digest. */
export function rulesFrom(
  list: AcceptList,
  root: Root,
  ceiling: Ceiling,
): Omit<PolicyInForce, "digest"> {
  return {
    fleet: list.fleet,
    orderers: new Map(Object.entries(root.orderers)),
    publishers: new Map(Object.entries(list.publishers)),
    accept: list.accept,
    deny: list.deny,
    grants: new Map(list.grants.map((grant) => [grant.script, grant])),
    labels: new Map(Object.entries(list.labels) as [KeyId, string[]][]),
    ceiling,
    // What the root says about orderers does not outlive the root.
    expires: Math.min(Date.parse(list.expires), Date.parse(root.expires)),
  };
}

function asEntries<K extends string, T>(map: ReadonlyMap<K, T>): [K, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
