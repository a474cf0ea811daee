import * as v from "valibot";
import {
  elementSchema,
  frameLookSchema,
  inputSchema,
  lookSchema,
  pointSchema,
  tabSchema,
  urlSchema,
} from "./inputs.ts";
import { MAX_CHARACTERS } from "./snapshots.ts";

const id = v.pipe(v.string(), v.maxLength(64));
const pixels = v.pipe(v.number(), v.safeInteger(), v.minValue(100), v.maxValue(4_000));
/** What each call of a script takes. */
export const openSchema = v.strictObject({
  url: urlSchema,
  size: v.optional(v.strictObject({ width: pixels, height: pixels })),
});
export const sessionSchema = v.strictObject({ session: id });
export const pageSchema = v.strictObject({ session: id, url: urlSchema });
export const navigateSchema = v.strictObject({
  session: id,
  to: urlSchema,
  tab: v.optional(tabSchema),
});
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const applySchema = v.strictObject({
  session: id,
  input: inputSchema,
  seen: v.optional(count),
});
export const listenerSchema = v.strictObject({ session: id, listener: id });
export const snapshotSchema = v.strictObject({
  session: id,
  most: v.optional(v.pipe(count, v.maxValue(MAX_CHARACTERS))),
});
export const readSchema = v.strictObject({ session: id, snapshot: id, offset: count });
const mark = v.pipe(v.string(), v.minLength(1), v.maxLength(100));
export const drawSchema = v.variant("kind", [
  v.strictObject({
    session: id,
    kind: v.literal("frame"),
    mark,
    at: v.nullable(elementSchema),
    look: v.optional(frameLookSchema),
  }),
  v.strictObject({
    session: id,
    kind: v.literal("pointer"),
    mark,
    at: v.nullable(pointSchema),
    look: v.optional(lookSchema),
  }),
]);
export const signSchema = v.strictObject({
  session: id,
  text: v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(100))),
});
export const streamSchema = v.strictObject({
  session: id,
  maxWidth: v.optional(pixels),
  quality: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(10), v.maxValue(90))),
});
/** `offset`: the rest of a frame that was begun. */
export const frameSchema = v.strictObject({ session: id, stream: id, offset: v.optional(count) });
