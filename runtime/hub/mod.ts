/**
 * The hub: enrolment, orders to many agents, what came of them, and the lists that others signed.
 * Start reading at {@linkcode startHub}.
 *
 * @module
 */
export { type Actor, requireScope, ROLE_SCOPES, type Scope, SCOPES } from "./access/actor.ts";
export type {
  AgentDetail,
  AgentSummary,
  Fact,
  Lookalike,
  Presence,
  Standing,
} from "./agents/agent_record.ts";
export type { Artefact } from "./artefacts/artefacts.ts";
export type { HubBus } from "./bus/hub_bus.ts";
export type { EnrolTokenRecord } from "./agents/enrolment.ts";
export { type HubCode, HubError } from "./errors.ts";
export { DEFAULT_HUB_LISTEN, type Hub, type HubOptions, startHub } from "./hub.ts";
export type { Delivery, HubOrder, LogEntry, Selection } from "./orders/order_record.ts";
export type { AgentBehind } from "./releases/agents_behind.ts";
export type { ListedRelease } from "./releases/releases.ts";
export type { RingStatus, Rollout, RolloutState } from "./rollout/rollout_record.ts";
export { HUB_LIMITS } from "./limits.ts";
export type { PublishedScript } from "./scripts/scripts.ts";
export type { ScriptEvent } from "./script_events/script_events.ts";
export type { Webhook } from "./webhooks/webhooks.ts";
export type { HubServices } from "./services.ts";
