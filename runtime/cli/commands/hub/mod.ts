import type { Registry } from "../../cli.ts";
import { addHubAgents } from "./agents.ts";
import { addHubCarry } from "./carry.ts";
import { addHubOrders } from "./orders.ts";
import { addHubReleases } from "./releases.ts";
import { addHubRollouts } from "./rollouts.ts";
import { addHubStart } from "./start.ts";
import { addHubTenant } from "./tenant.ts";
import { addHubTokens } from "./tokens.ts";
import { addHubUser } from "./user.ts";
import { addHubWebhooks } from "./webhooks.ts";

/** `writ hub`: the management server, and what is done at one. */
export function addHub(registry: Registry): void {
  const hub = addHubStart(registry);
  addHubTenant(registry, hub);
  addHubUser(registry, hub);
  addHubTokens(registry, hub);
  addHubAgents(registry, hub);
  addHubOrders(registry, hub);
  addHubCarry(registry, hub);
  addHubRollouts(registry, hub);
  addHubReleases(registry, hub);
  addHubWebhooks(registry, hub);
}
