import type { Log } from "../agent/mod.ts";
import type { ApiTokens } from "./access/api_tokens.ts";
import type { Artefacts } from "./artefacts/artefacts.ts";
import type { Agents } from "./agents/agents.ts";
import type { Enrolment } from "./agents/enrolment.ts";
import type { HubAudit } from "./audit/hub_audit.ts";
import type { HubContent } from "./content/hub_content.ts";
import type { HubDatabase } from "./database/hub_database.ts";
import type { HubEvents } from "./events/hub_events.ts";
import type { Lists } from "./lists/lists.ts";
import type { Orders } from "./orders/orders.ts";
import type { Releases } from "./releases/releases.ts";
import type { Rollouts } from "./rollout/rollouts.ts";
import type { ScriptEvents } from "./script_events/script_events.ts";
import type { Scripts } from "./scripts/scripts.ts";
import type { Webhooks } from "./webhooks/webhooks.ts";
import type { Tenants } from "./tenants/tenants.ts";

/** What the hub can do, for the API and the console alike. */
export interface HubServices {
  readonly tenants: Tenants;
  readonly agents: Agents;
  readonly enrolment: Enrolment;
  readonly tokens: ApiTokens;
  readonly orders: Orders;
  readonly artefacts: Artefacts;
  readonly lists: Lists;
  readonly rollouts: Rollouts;
  readonly releases: Releases;
  readonly scripts: Scripts;
  readonly scriptEvents: ScriptEvents;
  readonly content: HubContent;
  readonly webhooks: Webhooks;
  readonly audit: HubAudit;
  readonly events: HubEvents;
  readonly database: HubDatabase;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly log: Log;
}
