import { canonicalBytes } from "./canonical_json.ts";
import { digestOf } from "./digest.ts";
import type { AcceptEntry, AcceptList, DenyEntry, Publisher } from "./documents/acceptlist.ts";
import type { Digest, KeyId } from "./documents/common.ts";
import type { Ceiling, Grant } from "./documents/grant.ts";
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
  /** Digest over everything above, recorded with every run. */
  readonly digest: Digest;
}

/**
 * Completes a policy with its digest: over every rule in it, in canonical JSON, whatever sequence
 * its maps have.
 *
 * @param rules Not changed.
 */
export function makePolicy(rules: Omit<PolicyInForce, "digest">): PolicyInForce {
  const digest = digestOf(canonicalBytes({
    fleet: rules.fleet,
    orderers: asEntries(rules.orderers),
    publishers: asEntries(rules.publishers),
    accept: rules.accept,
    deny: rules.deny,
    grants: asEntries(rules.grants),
    labels: asEntries(rules.labels),
    ceiling: rules.ceiling,
    expires: rules.expires ?? null,
  }));
  return Object.freeze({ ...rules, digest });
}

/**
 * The policy that a verified accept-list and root make, under this node's ceiling.
 *
 * @param list Verified by `verifyAcceptList` against this very root.
 * @param root Verified by `verifyRootChain`.
 */
export function policyInForceFrom(list: AcceptList, root: Root, ceiling: Ceiling): PolicyInForce {
  return makePolicy({
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
  });
}

/** Sorted pairs rather than an object: a map's keys are data and may be any word. */
function asEntries<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
