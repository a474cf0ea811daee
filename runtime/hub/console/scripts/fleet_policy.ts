import { type PolicyInForce, policyOfList } from "../../../core/policy_in_force.ts";
import type { ConsoleParts } from "../console_parts.ts";

/** What the newest accept-list says; undefined when there is none yet. */
export async function fleetPolicy(
  lists: ConsoleParts["lists"],
  tenant: string,
): Promise<PolicyInForce | undefined> {
  const newest = await lists.newest(tenant);
  if (!newest) return undefined;
  const { root } = await lists.root(tenant);
  return policyOfList(newest.list, root);
}
