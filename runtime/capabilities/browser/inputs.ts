import * as v from "valibot";

/** Bounds of what is applied. */
const MAX_TEXT = 64_000;
const MAX_PATH = 2_000;
/** A longer address is nobody's to follow. */
export const MAX_URL = 4_000;

const share = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1));
const offset = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(10_000_000));
const elementEntries = {
  path: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_PATH))),
  node: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  document: v.optional(v.pipe(v.string(), v.maxLength(64))),
};

/** An element, by its path or by its id in a mirror. */
export const elementSchema = v.strictObject(elementEntries);
/** A place in an element's box. */
export const pointSchema = v.strictObject({ ...elementEntries, x: share, y: share });
const textPointSchema = v.strictObject({ ...elementEntries, offset });
const element = v.nullable(elementSchema);
const text = v.pipe(v.string(), v.maxLength(MAX_TEXT));
const modifiers = v.optional(v.pipe(
  v.array(v.picklist(["alt", "control", "meta", "shift"])),
  v.maxLength(4),
));
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(100), v.maxValue(8_000));

/** What keys without text there are, and what Chromium knows them by. */
export const KEYS = {
  Enter: 13,
  Escape: 27,
  PageUp: 33,
  PageDown: 34,
  End: 35,
  Home: 36,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
} as const;

export const urlSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_URL));
/** A page of a session. */
export const tabSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const tab = v.optional(tabSchema);

/** What a script has done in a page. */
export const inputSchema = v.variant("type", [
  v.strictObject({ type: v.literal("navigation"), url: urlSchema, tab }),
  v.strictObject({
    type: v.literal("click"),
    point: pointSchema,
    button: v.optional(v.picklist(["left", "middle", "right"])),
    count: v.optional(v.picklist([1, 2])),
    modifiers,
    tab,
  }),
  v.strictObject({ type: v.literal("pointer"), point: pointSchema, tab }),
  v.strictObject({ type: v.literal("scroll"), element, x: share, y: share, tab }),
  v.strictObject({
    type: v.literal("input"),
    element: elementSchema,
    value: v.optional(text),
    checked: v.optional(v.boolean()),
    values: v.optional(v.pipe(v.array(text), v.maxLength(1_000))),
    selection: v.optional(v.tuple([offset, offset])),
    tab,
  }),
  v.strictObject({
    type: v.literal("key"),
    element,
    key: v.picklist(Object.keys(KEYS) as (keyof typeof KEYS)[]),
    code: v.optional(v.pipe(v.string(), v.maxLength(30))),
    modifiers,
    tab,
  }),
  v.strictObject({
    type: v.literal("selection"),
    from: v.nullable(textPointSchema),
    to: v.nullable(textPointSchema),
    tab,
  }),
  v.strictObject({ type: v.literal("focus"), element, tab }),
  v.strictObject({ type: v.literal("viewport"), width: size, height: size, tab }),
  v.strictObject({
    type: v.literal("tab"),
    tab: tabSchema,
    action: v.picklist(["active", "close"]),
  }),
]);
export type Input = v.InferOutput<typeof inputSchema>;

/** How what is drawn over a page looks. */
export const lookSchema = v.strictObject({
  color: v.optional(v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/i, "must be #rrggbb"))),
  label: v.optional(v.pipe(v.string(), v.maxLength(40))),
  ms: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(60_000))),
});
const reach = v.pipe(v.number(), v.minValue(-100), v.maxValue(100));
/** The same of what is drawn round an element, or across it. */
export const frameLookSchema = v.strictObject({
  ...lookSchema.entries,
  line: v.optional(
    v.pipe(v.array(v.strictTuple([reach, reach])), v.minLength(1), v.maxLength(500)),
  ),
});
