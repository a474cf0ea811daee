import * as v from "valibot";
import type { ScriptName } from "../core/documents/common.ts";
import { CapabilityError } from "../sandbox/mod.ts";
import { type Capability, type Method, readParams } from "./capability.ts";

/** Bounds of what one script may tell the hub. */
export const HUB_NOTE_LIMITS = {
  /** Facts that it keeps told, and informs that the hub has not stored. */
  FACTS: 20,
  INFORMS: 1_000,
  /** Characters of a fact's or an event's JSON. */
  FACT_CHARACTERS: 2_000,
  EVENT_CHARACTERS: 4_000,
} as const;

/** Something that a script says of its machine. */
export interface HubNote {
  readonly name: string;
  /** JSON. */
  readonly data: string;
}

/** What telling the hub needs of the agent. */
export interface HubNotes {
  /** Keeps a fact told, in the place of an older one; `null` ends it. Resolves when it is on disk. */
  setFact(script: ScriptName, name: string, value: string | null): Promise<void>;
  /** Tells of an event until the hub has stored it. Resolves when that is on disk here. */
  inform(script: ScriptName, note: HubNote): Promise<void>;
  /** Tells of an event once. @returns whether a hub was there to hear it. */
  trap(script: ScriptName, note: HubNote): boolean;
}

const nameSchema = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9_.-]{0,63}$/, "must be small letters, digits and _.-, at most 64"),
);
const noteSchema = v.strictObject({ name: nameSchema, data: v.unknown() });

/**
 * What one script tells the hub of its machine: facts, which hold until they are changed; informs,
 * which are told until they are acknowledged; traps, which are told once.
 *
 * @see RFC 3416, "The InformRequest-PDU" and "The SNMPv2-Trap-PDU", whose words these are
 */
export function hubCapability(notes: HubNotes, script: ScriptName): Capability {
  return {
    name: "hub",
    shown: {},
    methods: new Map<string, Method>([
      ["hub.fact", async ({ params }) => {
        const { name, data } = readNote(params, HUB_NOTE_LIMITS.FACT_CHARACTERS);
        await notes.setFact(script, name, data === "null" ? null : data);
        return { value: null };
      }],
      ["hub.inform", async ({ params }) => {
        await notes.inform(script, readNote(params, HUB_NOTE_LIMITS.EVENT_CHARACTERS));
        return { value: null };
      }],
      ["hub.trap", ({ params }) => {
        return { value: notes.trap(script, readNote(params, HUB_NOTE_LIMITS.EVENT_CHARACTERS)) };
      }],
    ]),
  };
}

function readNote(params: unknown, most: number): HubNote {
  const { name, data } = readParams(noteSchema, params);
  const json = JSON.stringify(data ?? null);
  if (json.length <= most) return { name, data: json };
  throw new CapabilityError("invalid", `Cannot tell the hub more than ${most} characters of JSON`);
}
