import { WIRE_LIMITS } from "./limits.ts";
import {
  anyOf,
  boolean,
  list,
  number,
  object,
  oneOf,
  pattern,
  type Shape,
  type Shaped,
  text,
  whole,
} from "./shape.ts";

/** Of a document in the host's browser, or of an element in it: no more than a word. */
const word = pattern(/^[\w.:-]{1,100}$/);
const node = whole(0, 2 ** 31);
/** A page of the shared browser, by its number there. */
export const tab = whole(0, 1_000_000);
const fraction = number(0, 1);
/** What browsers name their elements by: any other selector could ask what stands in the page. */
const TAG = String.raw`(?:[\w-]|[^\x00-\x7F]|\\.)+(?::nth-of-type\(\d{1,9}\))?`;
const IN_ROOT = `(?:#[A-Za-z][\\w-]*|${TAG})(?: > ${TAG})*`;
const PATH = new RegExp(`^${IN_ROOT}(?: >>> ${IN_ROOT})*$`);
const path: Shape<string> = (value): value is string =>
  text(WIRE_LIMITS.PATH_CHARS, 1)(value) && PATH.test(value);

const ofPath = { path };
const ofNode = { node, document: word };

/** An element: by a path that is good in every browser with the same page, or by its mirror's node. */
export const element = anyOf(object(ofPath), object(ofNode), object({ ...ofPath, ...ofNode }));
/** A place in an element, in fractions of its box. */
export const elementPoint = anyOf(
  object({ ...ofPath, x: fraction, y: fraction }),
  object({ ...ofNode, x: fraction, y: fraction }),
  object({ ...ofPath, ...ofNode, x: fraction, y: fraction }),
);
const beyond = number(-WIRE_LIMITS.STROKE_REACH, WIRE_LIMITS.STROKE_REACH);
/** The next part of a line, by the number that whoever draws it gave it: in fractions of a box. */
export const stroke = object({
  n: whole(0, 1_000_000),
  element,
  points: list(pair(beyond), WIRE_LIMITS.STROKE_POINTS),
});
const offset = whole(0, 10_000_000);
const textPoint = anyOf(
  object({ ...ofPath, offset }),
  object({ ...ofNode, offset }),
  object({ ...ofPath, ...ofNode, offset }),
);
const nothing = oneOf(null);
const modifiers = list(oneOf("alt", "control", "meta", "shift"), 4);
/** Pages of the web alone, whatever a browser would be willing to open. */
const url: Shape<string> = (value): value is string =>
  text(WIRE_LIMITS.URL_CHARS)(value) && /^https?:\/\/[^\s]+$/.test(value);

/** What is done to a page, as a browser captures and applies it. */
export const browserInput = anyOf(
  object({ type: oneOf("navigation"), url }, { tab }),
  object(
    { type: oneOf("click"), point: elementPoint },
    { button: oneOf("left", "middle", "right"), count: oneOf(1, 2), modifiers, tab },
  ),
  object({ type: oneOf("pointer"), point: elementPoint }, { tab }),
  object(
    { type: oneOf("scroll"), element: anyOf(element, nothing), x: fraction, y: fraction },
    { tab },
  ),
  object({ type: oneOf("input"), element }, {
    value: text(WIRE_LIMITS.VALUE_CHARS),
    checked: boolean,
    values: list(text(WIRE_LIMITS.KEY_CHARS * 5), WIRE_LIMITS.VALUES),
    selection: pair(whole(0, WIRE_LIMITS.VALUE_CHARS)),
    tab,
  }),
  object(
    {
      type: oneOf("key"),
      element: anyOf(element, nothing),
      key: text(WIRE_LIMITS.KEY_CHARS, 1),
    },
    { code: text(WIRE_LIMITS.KEY_CHARS), modifiers, tab },
  ),
  object({
    type: oneOf("selection"),
    from: anyOf(textPoint, nothing),
    to: anyOf(textPoint, nothing),
  }, { tab }),
  object({ type: oneOf("focus"), element: anyOf(element, nothing) }, { tab }),
  object({ type: oneOf("viewport"), width: whole(1, 10_000), height: whole(1, 10_000) }, { tab }),
  object({ type: oneOf("tab"), tab, action: oneOf("active", "close") }),
);

export type Input = Shaped<typeof browserInput>;
export type Element = Shaped<typeof element>;
export type Stroke = Shaped<typeof stroke>;
export type ElementPoint = Shaped<typeof elementPoint>;

function pair<T>(item: Shape<T>): Shape<[T, T]> {
  return (value): value is [T, T] =>
    Array.isArray(value) && value.length === 2 &&
    value.every((entry) => item(entry));
}
