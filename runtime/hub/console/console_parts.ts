import type { Log } from "../../agent/log.ts";
import type { ApiTokens } from "../access/api_tokens.ts";
import type { Agents } from "../agents/agents.ts";
import type { Artefacts } from "../artefacts/artefacts.ts";
import type { Enrolment } from "../agents/enrolment.ts";
import type { HubAudit } from "../audit/hub_audit.ts";
import type { HubContent } from "../content/hub_content.ts";
import type { HubEvents } from "../events/hub_events.ts";
import type { Lists } from "../lists/lists.ts";
import type { Orders } from "../orders/orders.ts";
import type { Releases } from "../releases/releases.ts";
import type { Rollouts } from "../rollout/rollouts.ts";
import type { Scripts } from "../scripts/scripts.ts";
import type { UserServices } from "../users/mod.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";

/** What the console shows, and works on: the services that the API has too. */
export interface ConsoleParts extends UserServices {
  readonly agents: Agents;
  readonly artefacts: Artefacts;
  readonly enrolment: Enrolment;
  readonly tokens: ApiTokens;
  readonly webhooks: Webhooks;
  readonly lists: Lists;
  readonly orders: Orders;
  readonly scripts: Scripts;
  readonly content: HubContent;
  readonly rollouts: Rollouts;
  readonly releases: Releases;
  readonly audit: HubAudit;
  readonly events: HubEvents;
  readonly now: () => number;
  readonly log: Log;
  /** As browsers have it: `https://console.example`. */
  readonly origin: string;
  /** Where machines enrol, as a command line has it. */
  readonly agentsUrl: string;
}
