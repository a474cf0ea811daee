import * as v from "valibot";
import { countSchema } from "../../core/documents/common.ts";
import type { FromAgent, ReportedEvent } from "../../agent/hub_link/wire.ts";
import type { RecordedEvent } from "../../agent/mod.ts";
import { parseHostileJson } from "../../core/hostile_json.ts";
import { OUTCOMES } from "../../core/outcome.ts";
import { type ArtefactPart, artefactPart } from "../artefacts/artefact_part.ts";
import { HubError } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";
import type { DeliveryState } from "./order_record.ts";

const text = v.pipe(v.string(), v.maxLength(65_536));
/** What an agent may say of a run. Its length was bounded before. */
const eventSchema = v.variant("type", [
  v.strictObject({
    type: v.literal("log"),
    level: v.picklist(["debug", "info", "warn", "error"]),
    text,
  }),
  v.strictObject({
    type: v.literal("progress"),
    fraction: v.number(),
    message: v.optional(text),
  }),
  v.strictObject({ type: v.literal("event"), name: text, data: v.optional(v.unknown()) }),
  v.strictObject({ type: v.literal("state"), state: v.picklist(["accepted", "running"]) }),
  v.strictObject({ type: v.literal("dropped"), count: countSchema() }),
  v.strictObject({
    type: v.literal("outcome"),
    outcome: v.picklist(OUTCOMES),
    result: v.optional(v.unknown()),
    detail: v.optional(v.record(v.string(), v.union([text, v.number()]))),
    figures: v.nullable(v.record(v.string(), v.union([v.number(), v.boolean()]))),
  }),
]);
type HostileEvent = v.InferOutput<typeof eventSchema>;

/** An event as it is stored; the bytes of an artefact lie beside it. */
export interface KeptEvent extends ReportedEvent {
  readonly artefact?: ArtefactPart;
}

/** What an agent has told the hub of its runs. */
export type EventsReport = Extract<FromAgent, { type: "events" }>;

/** How far an agent's report had come. */
export interface Reported {
  readonly order: string;
  readonly state: string;
  readonly run: number | null;
  readonly reportedRun: number;
  readonly reportedSeq: number;
  /** How many events of it are stored. */
  readonly events: number;
}

/** What an agent's report comes to. */
export interface Told {
  readonly state: DeliveryState;
  readonly run: number | null;
  readonly outcome: string | null;
  readonly outcomeKind: string | null;
  readonly figures: string | null;
  readonly reportedRun: number;
  readonly reportedSeq: number;
}

/**
 * Reads what an agent says of an order's runs, as from an enemy.
 *
 * @returns the events that are new and kept, and where the order stands after them.
 * @throws {HubError} bad_request – an event is none, or they are not in sequence
 */
export function storedEvents(
  { events, over }: EventsReport,
  before: Reported,
): { kept: KeptEvent[]; told: Told } {
  let { reportedRun: run, reportedSeq: seq } = before;
  let outcome: Extract<HostileEvent, { type: "outcome" }> | undefined;
  let hasBegun = before.state === "running";
  const kept: KeptEvent[] = [];
  for (const reported of events) {
    if (reported.run < run || (reported.run === run && reported.seq <= seq)) continue;
    const event = parseEvent(reported.event);
    if (event.type === "outcome") outcome = event;
    // An agent takes what is due tomorrow today.
    hasBegun ||= event.type !== "state" || event.state === "running";
    // The last outcome stands with the delivery, however many came before it.
    if (before.events + kept.length < HUB_LIMITS.RUN_EVENTS) {
      const found = artefactPart(event);
      const text = JSON.stringify(found?.event ?? event);
      kept.push({ ...reported, event: text, ...(found && { artefact: found.part }) });
    }
    ({ run, seq } = reported);
  }
  const { type: _, figures = null, ...ended } = outcome ?? { type: "outcome" };
  return {
    kept,
    told: {
      state: over ? "ended" : hasBegun ? "running" : "taken",
      run: run > 0 ? run : before.run,
      outcome: outcome ? JSON.stringify(ended) : null,
      outcomeKind: outcome?.outcome ?? null,
      figures: figures && JSON.stringify(figures),
      reportedRun: run,
      reportedSeq: seq,
    },
  };
}

function parseEvent(json: string): HostileEvent & RecordedEvent {
  try {
    return v.parse(eventSchema, parseHostileJson(json)) as HostileEvent & RecordedEvent;
  } catch (cause) {
    throw new HubError("bad_request", "Cannot read an event of a run as it is none", { cause });
  }
}
