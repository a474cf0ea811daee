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
const figuresSchema = v.objectWithRest({
  cpuMs: v.number(),
  wallMs: v.number(),
  peakBytes: v.number(),
  outputBytes: v.number(),
  level: v.number(),
}, v.union([v.number(), v.boolean()]));
/** What an agent may say of a run. Its length was bounded before. */
const eventSchema = v.variant("type", [
  v.object({
    type: v.literal("log"),
    level: v.picklist(["debug", "info", "warn", "error"]),
    text,
  }),
  v.object({
    type: v.literal("progress"),
    fraction: v.number(),
    message: v.optional(text),
  }),
  v.object({ type: v.literal("event"), name: text, data: v.optional(v.unknown()) }),
  v.object({ type: v.literal("state"), state: v.picklist(["accepted", "running"]) }),
  v.object({ type: v.literal("dropped"), count: countSchema() }),
  v.object({
    type: v.literal("outcome"),
    outcome: v.picklist(OUTCOMES),
    result: v.optional(v.unknown()),
    detail: v.optional(v.record(v.string(), v.union([text, v.number()]))),
    figures: v.nullable(figuresSchema),
  }),
]);
const anyEventSchema = v.object({ type: v.pipe(v.string(), v.regex(/^[a-z_]{1,40}$/)) });
type HostileEvent = v.InferOutput<typeof eventSchema>;

/** An event as it is stored; the bytes of an artefact lie beside it. */
export interface KeptEvent extends ReportedEvent {
  readonly artefact?: ArtefactPart;
}

/** What of a report is stored. */
export interface StoredEvents {
  readonly kept: readonly KeptEvent[];
  /** How many these count as. */
  readonly places: number;
  /** How many are not, as the order has as many as it may. */
  readonly leftOut: number;
  /** Parts of files among these. */
  readonly lost: readonly (ReportedEvent & { readonly artefact: ArtefactPart })[];
  /** Files that were told of before; the agent may have missed what became of them. */
  readonly again: readonly { readonly run: number; readonly name: string }[];
  readonly told: Told;
}

/** Stands in a run's log for all that is not kept. */
const LOG_FULL = JSON.stringify({
  type: "log",
  level: "warn",
  text:
    `the hub keeps ${HUB_LIMITS.RUN_EVENTS} events of an order from one agent, fewer where they ` +
    "are long: from here on only how its runs end; the agent's own record has the rest",
});

/** What an agent has told the hub of its runs. */
export type EventsReport = Extract<FromAgent, { type: "events" }>;

/** How far an agent's report had come. */
export interface Reported {
  readonly order: string;
  readonly state: string;
  readonly run: number | null;
  readonly reportedRun: number;
  readonly reportedSeq: number;
  /** How many events of it are stored, a long one counted as several, */
  readonly events: number;
  /** and how many are not. */
  readonly leftOut: number;
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
 * @returns the events that are new, and where the order stands after them.
 * @throws {HubError} bad_request – an event is none, or they are not in sequence
 */
export function storedEvents(
  { events, over }: EventsReport,
  before: Reported,
): StoredEvents {
  let { reportedRun: run, reportedSeq: seq } = before;
  let outcome: Extract<HostileEvent, { type: "outcome" }> | undefined;
  let hasBegun = before.state === "running";
  const kept: KeptEvent[] = [];
  const lost: StoredEvents["lost"][number][] = [];
  const again: StoredEvents["again"][number][] = [];
  let leftOut = 0;
  let places = before.events;
  for (const reported of events) {
    const event = parseEvent(reported.event);
    const found = artefactPart(event);
    if (reported.run < run || (reported.run === run && reported.seq <= seq)) {
      if (found) again.push({ run: reported.run, name: found.part.name });
      continue;
    }
    if (event.type === "outcome") outcome = event;
    // An agent takes what is due tomorrow today.
    hasBegun ||= event.type !== "state" || event.state === "running";
    // The last outcome stands with the delivery, however many came before it.
    const text = JSON.stringify(found?.event ?? event);
    const cost = 1 + Math.floor(text.length / HUB_LIMITS.RUN_EVENT_CHARACTERS);
    if (places + cost < HUB_LIMITS.RUN_EVENTS) {
      kept.push({ ...reported, event: text, ...(found && { artefact: found.part }) });
      places += cost;
    } else {
      if (places < HUB_LIMITS.RUN_EVENTS) kept.push({ ...reported, event: LOG_FULL });
      places = HUB_LIMITS.RUN_EVENTS;
      if (found) lost.push({ ...reported, artefact: found.part });
      leftOut++;
    }
    ({ run, seq } = reported);
  }
  const { type: _, figures = null, ...ended } = outcome ?? { type: "outcome" };
  return {
    kept,
    places: places - before.events,
    leftOut,
    lost,
    again,
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

/** What an agent of a later version says, and this hub does not know, is kept as that it was said. */
function parseEvent(json: string): HostileEvent & RecordedEvent {
  try {
    const said = parseHostileJson(json);
    const { type } = v.parse(anyEventSchema, said);
    const isKnown = eventSchema.options.some(({ entries }) => entries.type.literal === type);
    if (!isKnown) {
      return { type: "log", level: "warn", text: `an event of a later version: ${type}` };
    }
    const event = v.parse(eventSchema, said);
    // Whoever shows it looks into its detail; what was too long there is told in a word.
    const isBad = event.type === "outcome" && event.outcome !== "ok";
    return (isBad ? { detail: {}, ...event } : event) as HostileEvent & RecordedEvent;
  } catch (cause) {
    throw new HubError("bad_request", "Cannot read an event of a run as it is none", { cause });
  }
}
