import type { KeyId, ScriptName } from "../../core/documents/common.ts";
import type { Order } from "../../core/documents/order.ts";
import type { Figures, Outcome } from "../../core/outcome.ts";
import type { RecordedEvent } from "../../agent/mod.ts";

/** Which agents an order is for. */
export type Selection =
  | { readonly agents: readonly KeyId[] }
  | { readonly labels: readonly string[] }
  | "all";

/** Where an order stands with one agent. */
export const DELIVERY_STATES = [
  /** Waits for the agent to be connected. */
  "queued",
  /** On its way. */
  "sent",
  /** On the agent's disk. */
  "taken",
  "running",
  "ended",
  /** The agent said no, and by which rule. */
  "refused",
  /** The agent was not there in time. */
  "expired",
  "cancelled",
] as const;

export type DeliveryState = typeof DELIVERY_STATES[number];

/** An order as the hub shows it. */
export interface HubOrder {
  readonly id: string;
  readonly script: ScriptName;
  /** A version range, or the module's digest. */
  readonly version: string;
  /** Whether the hub signed it, or somebody elsewhere. */
  readonly orderer: "hub" | "offline";
  readonly who: string;
  readonly selection: Selection;
  readonly created: number;
  readonly expires: number;
  readonly schedule: Order["schedule"] | null;
  /** When agents run it next, of one that is scheduled. */
  readonly due: number | null;
  readonly cancelled: number | null;
  /** How many agents, by where it stands with them. */
  readonly counts: Readonly<Record<DeliveryState, number>>;
  /** How many runs ended how, by the last run of each agent. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** One agent's part of an order. */
export interface Delivery {
  readonly order: string;
  readonly agent: KeyId;
  readonly agentName: string;
  readonly script: ScriptName;
  readonly state: DeliveryState;
  /** The rule by which the agent refused. */
  readonly refusal: string | null;
  /** The number of its last run on that agent. */
  readonly run: number | null;
  readonly outcome: Outcome | null;
  readonly figures: Figures | null;
  /** Events of its runs that the hub does not keep, as there were too many. */
  readonly leftOut: number;
  readonly updated: number;
}

/** One event of a run, as the agent reported it. */
export interface LogEntry {
  readonly agent: KeyId;
  readonly run: number;
  readonly seq: number;
  readonly time: number;
  readonly event: RecordedEvent;
}
