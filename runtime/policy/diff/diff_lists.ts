import type { AcceptList } from "../../core/documents/acceptlist.ts";
import type { Root } from "../../core/documents/root.ts";
import { policyOfList } from "../../core/policy_in_force.ts";
import { diffPolicies } from "./diff_policies.ts";
import type { PolicyChange } from "./policy_change.ts";

/**
 * What a signed list changes, wherever it comes to hold: under one root and one ceiling, so that
 * nothing but the lists differs.
 *
 * @param before The list before it; absent: it changes everything that it says.
 */
export function diffLists(
  before: AcceptList | undefined,
  after: AcceptList,
  root: Root,
): PolicyChange[] {
  return diffPolicies(policyOfList(before ?? emptied(after), root), policyOfList(after, root));
}

function emptied(list: AcceptList): AcceptList {
  return { ...list, publishers: {}, accept: [], deny: [], grants: [], labels: {} };
}
