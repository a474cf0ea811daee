import * as v from "valibot";
import {
  countSchema,
  digestSchema,
  nameSchema,
  publicKeySchema,
  scriptNameSchema,
} from "../../core/documents/common.ts";
import { parseHostileJson } from "../../core/hostile_json.ts";
import { LIMITS } from "../../core/limits.ts";

/**
 * What an agent and its hub say to each other. Each takes the other for an enemy: a bound on every
 * text and list. The other may be of another version: a field that this one does not know is left
 * out, and so is a message of a type that it does not know. What is signed is never read so.
 */

/** Where agents reach their hub. */
export function linkPath(tenant: string): string {
  return `/agents/v1/${tenant}/link`;
}
/** As {@linkcode linkPath}, for anything else. */
export function hubPath(tenant: string, rest: string): string {
  return `/agents/v1/${tenant}/${rest}`;
}

/** The longest message of either side; what is longer is asked for by HTTP. */
export const LINK_MESSAGE_BYTES = 256 << 10;
/** An order whose envelope is longer is fetched. */
export const INLINE_ORDER_BYTES = 64 << 10;
/** Events of a run in one message, and the bytes of them. */
export const EVENTS_AT_ONCE = 100;
export const EVENT_BYTES = 64 << 10;
/** Facts of one agent. */
export const FACTS_AT_ONCE = 100;

const envelopes = (most: number) =>
  v.pipe(v.array(v.pipe(v.string(), v.maxLength(2 << 20))), v.maxLength(most));
const word = v.pipe(v.string(), v.regex(/^[a-z_]{1,40}$/));
const shortText = v.pipe(v.string(), v.maxLength(500));
const uuid = v.pipe(v.string(), v.regex(/^[0-9a-f-]{36}$/));

/** How an agent asks to be enrolled. */
export const enrolRequestSchema = v.object({
  secret: v.pipe(v.string(), v.maxLength(64)),
  key: publicKeySchema,
  name: v.pipe(v.string(), v.maxLength(255)),
});
export type EnrolRequest = v.InferOutput<typeof enrolRequestSchema>;

const standing = v.picklist(["pending", "approved"]);

/** What it is answered. */
export const enrolledSchema = v.object({
  standing,
  labels: v.pipe(v.array(nameSchema), v.maxLength(64)),
});
export type Enrolled = v.InferOutput<typeof enrolledSchema>;

/** Roots, each as the text of its envelope, lowest first. */
export const rootsSchema = v.object({ roots: envelopes(8) });

/** Milliseconds since the epoch; no date is later than this. */
const moment = v.pipe(countSchema(), v.maxValue(8.64e15));
const noteName = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_.-]{0,63}$/));

/** What an agent tells of itself. */
const factSchema = v.object({
  name: noteName,
  value: v.unknown(),
  script: v.optional(scriptNameSchema),
});
export type ReportedFact = v.InferOutput<typeof factSchema>;

/** An event of a run, as the agent's own record has it. */
const runEventSchema = v.object({
  run: countSchema(1),
  seq: countSchema(1),
  time: moment,
  event: v.pipe(v.string(), v.maxLength(EVENT_BYTES)),
});
export type ReportedEvent = v.InferOutput<typeof runEventSchema>;

/** An event of a script. */
const note = { script: scriptNameSchema, name: noteName, at: moment, data: v.unknown() };

/** What an agent says. */
export const fromAgentSchema = v.variant("type", [
  /** First of all, and again when something of it changed. */
  v.object({
    type: v.literal("hello"),
    /** Made anew at every start, so that two machines with one key are told from one restarted. */
    instance: v.pipe(v.string(), v.regex(/^[0-9a-f-]{36}$/)),
    version: shortText,
    deno: v.optional(shortText),
    /** The number of the release that runs; absent for what was installed. */
    release: v.optional(countSchema(1)),
    policy: digestSchema,
    root: v.optional(countSchema(1)),
    list: v.optional(v.object({ epoch: countSchema(1), version: countSchema(1) })),
    level: v.optional(v.nullable(countSchema())),
  }),
  v.object({ type: v.literal("alive") }),
  v.object({
    type: v.literal("facts"),
    facts: v.pipe(v.array(factSchema), v.maxLength(FACTS_AT_ONCE)),
  }),
  /** An order is on the agent's disk; sent again when it is asked again. */
  v.object({ type: v.literal("taken"), order: uuid, run: countSchema(1) }),
  v.object({ type: v.literal("refused"), order: uuid, code: word }),
  /** What happened in the runs of one order, in sequence; `over` when nothing more will. */
  v.object({
    type: v.literal("events"),
    order: uuid,
    events: v.pipe(v.array(runEventSchema), v.maxLength(EVENTS_AT_ONCE)),
    over: v.boolean(),
  }),
  /** An event of a script, again until the hub says that it is stored. */
  v.object({ type: v.literal("inform"), id: uuid, ...note }),
  /** The same, once. */
  v.object({ type: v.literal("trap"), ...note }),
  /** The agent did not become a release that the hub has, or gave it up again. */
  v.object({ type: v.literal("release_refused"), release: countSchema(1), code: word }),
  /** A document of the hub was refused: it is older than what was seen, or nobody signed it. */
  v.object({
    type: v.literal("document_refused"),
    kind: v.picklist(["root", "acceptlist"]),
    code: word,
  }),
]);
export type FromAgent = v.InferOutput<typeof fromAgentSchema>;

/** What a hub says. */
export const fromHubSchema = v.variant("type", [
  /** First of all, and again when something of it changed. */
  v.object({
    type: v.literal("standing"),
    standing,
    root: countSchema(1),
    list: v.nullable(v.object({ epoch: countSchema(1), version: countSchema(1) })),
    /** Within what time to connect again, at random, when this connection ends. */
    spreadMs: countSchema(1),
    /** The hub's own. */
    version: v.optional(shortText),
  }),
  /** An order: its envelope as text, or nothing when it is to be fetched. */
  v.object({
    type: v.literal("order"),
    order: uuid,
    envelope: v.optional(v.pipe(v.string(), v.maxLength(INLINE_ORDER_BYTES))),
  }),
  v.object({ type: v.literal("cancel"), order: uuid }),
  /** An inform is on the hub's disk. */
  v.object({ type: v.literal("informed"), id: uuid }),
  /** The program that the agent shall be: its envelope as text. */
  v.object({
    type: v.literal("release"),
    release: countSchema(1),
    envelope: v.pipe(v.string(), v.maxLength(LIMITS.RELEASE_BYTES)),
  }),
  /** A file that a run left at the hub will never be whole there, as there is no room for it. */
  v.object({
    type: v.literal("artefact_refused"),
    order: uuid,
    run: countSchema(1),
    name: v.pipe(v.string(), v.maxLength(100)),
    code: word,
  }),
  /** The events of an order's runs are on the hub's disk, up to this one. */
  v.object({
    type: v.literal("stored"),
    order: uuid,
    run: countSchema(),
    seq: countSchema(),
    /** How many of them it does not keep, as there are too many; absent for none. */
    leftOut: v.optional(countSchema()),
  }),
]);
export type FromHub = v.InferOutput<typeof fromHubSchema>;

const anyMessageSchema = v.object({ type: word });

/**
 * Reads what the other side said.
 *
 * @param schema {@linkcode fromAgentSchema} or {@linkcode fromHubSchema}.
 * @returns `undefined` for a message of a type that this version does not know.
 * @throws {RangeError} it is longer or nests deeper than a message may
 * @throws {SyntaxError} it is no JSON
 * @throws {v.ValiError} it is none, or not as its type has it
 */
export function readMessage<T extends typeof fromAgentSchema | typeof fromHubSchema>(
  schema: T,
  message: string | Uint8Array,
): v.InferOutput<T> | undefined {
  if (typeof message !== "string" || message.length > LINK_MESSAGE_BYTES) {
    throw new RangeError("no text, or too long");
  }
  const said = parseHostileJson(message);
  const { type } = v.parse(anyMessageSchema, said);
  const isKnown = schema.options.some(({ entries }) => entries.type.literal === type);
  return isKnown ? v.parse(schema, said) : undefined;
}
