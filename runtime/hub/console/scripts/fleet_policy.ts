import { type Ceiling, DEFAULT_LIMITS } from "../../../core/documents/grant.ts";
import { type PolicyInForce, policyInForceFrom } from "../../../core/policy_in_force.ts";
import type { ConsoleParts } from "../console_parts.ts";

/** Each agent has a ceiling of its own, which the hub does not know. */
const ANY_CEILING: Ceiling = { permissions: {}, limits: DEFAULT_LIMITS };

/** What the newest accept-list says; undefined when there is none yet. */
export async function fleetPolicy(
  lists: ConsoleParts["lists"],
  tenant: string,
): Promise<PolicyInForce | undefined> {
  const newest = await lists.newest(tenant);
  if (!newest) return undefined;
  const { root } = await lists.root(tenant);
  return policyInForceFrom(newest.list, root, ANY_CEILING);
}
