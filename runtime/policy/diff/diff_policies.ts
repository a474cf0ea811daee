import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { diffCeilings, diffGrants } from "./diff_grants.ts";
import { diffAccepted, diffDenied, diffOrderers, diffPublishers } from "./diff_trust.ts";
import { Changes, keysOfBoth, type PolicyChange } from "./policy_change.ts";

/**
 * Says what is different between two policies, in words and by what it does: what widens stands
 * first, and among it what is unsafe.
 *
 * It compares what the rules mean one by one: a grant of `/srv` in place of `/srv/a` and `/srv/b`
 * widens, the other way round narrows. It does not know what is published, so a wider range is
 * called wider even where no release lies in between.
 *
 * @returns Empty when both have the same digest.
 * @example
 * ```ts
 * import { diffPolicies } from "./diff_policies.ts";
 * import { makePolicy } from "../../core/policy_in_force.ts";
 * import { DEFAULT_LIMITS } from "../../core/documents/grant.ts";
 * import assert from "node:assert/strict";
 *
 * const rules = {
 *   fleet: "office",
 *   orderers: new Map(),
 *   publishers: new Map(),
 *   accept: [],
 *   deny: [],
 *   grants: new Map(),
 *   labels: new Map(),
 *   ceiling: { permissions: {}, limits: DEFAULT_LIMITS },
 * };
 * const after = makePolicy({ ...rules, accept: [{ script: "acme/print", range: "^1.0.0" }] });
 * const [change] = diffPolicies(makePolicy(rules), after);
 * assert.equal(change?.effect, "widens");
 * ```
 */
export function diffPolicies(before: PolicyInForce, after: PolicyInForce): PolicyChange[] {
  if (before.digest === after.digest) return [];
  const changes = new Changes();
  diffFleets(before, after, changes);
  diffPublishers(before.publishers, after.publishers, changes);
  diffOrderers(before.orderers, after.orderers, changes);
  diffAccepted(before.accept, after.accept, changes);
  diffDenied(before.deny, after.deny, changes);
  diffGrants(before.grants, after.grants, changes);
  diffCeilings(before.ceiling, after.ceiling, changes);
  diffLabels(before.labels, after.labels, changes);
  return changes.list.sort((a, b) => rank(a) - rank(b));
}

/** Whether something may happen after the change that could not before. */
export function widens(changes: readonly PolicyChange[]): boolean {
  return changes.some(({ effect }) => effect === "widens");
}

const RANK = { widens: 1, changes: 2, narrows: 3 } as const;

function rank({ effect, unsafe }: PolicyChange): number {
  return unsafe && effect === "widens" ? 0 : RANK[effect];
}

function diffFleets(before: PolicyInForce, after: PolicyInForce, changes: Changes): void {
  if (before.fleet !== after.fleet) {
    const words = `the fleet is "${after.fleet}" and no longer "${before.fleet}"`;
    changes.add("fleet", after.fleet, "changes", words);
  }
  if (before.auditMode !== after.auditMode) {
    changes.add(
      "audit-mode",
      "",
      after.auditMode ? "narrows" : "widens",
      after.auditMode
        ? "nothing runs any more: what would have run is only recorded"
        : "scripts run again, and are no longer only recorded",
    );
  }
  if (before.expires === after.expires) return;
  const [old, now] = [before.expires ?? Infinity, after.expires ?? Infinity];
  // A list is signed anew before the one before it ends: that is no change of what may happen.
  const effect = now === Infinity ? "widens" : now > old ? "changes" : "narrows";
  const words = now === Infinity
    ? "the policy does not expire any more"
    : `the policy expires at ${new Date(now).toISOString()}`;
  changes.add("expiry", "", effect, words);
}

function diffLabels(
  before: PolicyInForce["labels"],
  after: PolicyInForce["labels"],
  changes: Changes,
): void {
  for (const agent of keysOfBoth(before, after)) {
    const [old, now] = [before.get(agent) ?? [], after.get(agent) ?? []];
    for (const label of now.filter((l) => !old.includes(l))) {
      changes.add("label", agent, "widens", `orders for label "${label}" reach it`);
    }
    for (const label of old.filter((l) => !now.includes(l))) {
      changes.add("label", agent, "narrows", `orders for label "${label}" do not reach it`);
    }
  }
}
