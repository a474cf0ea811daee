import * as v from "valibot";
import { decodeBase64 } from "../../core/base64.ts";
import { countSchema } from "../../core/documents/common.ts";
import type { RecordedEvent } from "../../agent/mod.ts";

/** The name of the event by which a script leaves a file at the hub. */
export const ARTEFACT_EVENT = "artefact";

/** A piece of a file that a run left. */
export interface ArtefactPart {
  readonly name: string;
  readonly part: number;
  readonly parts: number;
  readonly bytes: Uint8Array;
}

/** Why a part of a file is not kept. */
export type ArtefactRefusal =
  /** The agent left too much of one order. */
  | "order_full"
  /** The tenant has too much. */
  | "tenant_full"
  /** The runs of the order said more than is kept. */
  | "log_full";

/** Names that are files' names everywhere, and lead nowhere else. */
export const artefactNameSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][\w .-]{0,99}$/));

const dataSchema = v.pipe(
  v.strictObject({
    name: artefactNameSchema,
    part: v.optional(countSchema(1), 1),
    of: v.optional(countSchema(1), 1),
    base64: v.string(),
  }),
  v.check(({ part, of }) => part <= of),
);

/** The part that an event of a run is, and the event without its bytes; `undefined` of any other. */
export function artefactPart(
  event: RecordedEvent,
): { part: ArtefactPart; event: RecordedEvent } | undefined {
  if (event.type !== "event" || event.name !== ARTEFACT_EVENT) return undefined;
  const read = v.safeParse(dataSchema, event.data);
  const bytes = read.success ? bytesOf(read.output.base64) : undefined;
  if (!read.success || !bytes) return undefined;
  const { name, part, of: parts } = read.output;
  const data = { name, part, of: parts, bytes: bytes.length };
  return { part: { name, part, parts, bytes }, event: { ...event, data } };
}

/** An event, as it is kept of a part that there was no room for. */
export function refusedEvent(event: string, refused: ArtefactRefusal): string {
  const { data, ...rest } = JSON.parse(event);
  return JSON.stringify({ ...rest, data: { ...data, refused } });
}

function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return decodeBase64(base64);
  } catch {
    return undefined;
  }
}
