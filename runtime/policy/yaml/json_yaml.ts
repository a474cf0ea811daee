import { isMap, isScalar, isSeq, type Node } from "yaml";
import { mapOf, text } from "./decoders.ts";
import { type Decoder, withSchema } from "./decoder.ts";

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const JSON_WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/**
 * A mapping of whatever JSON can hold, where only its reader knows the keys: a plain scalar is what
 * it would be in JSON, a quoted one is text. Duplicate keys, control characters and private keys
 * are mistakes here as anywhere.
 */
export const jsonMapping: Decoder<Record<string, unknown>> = withSchema((place) => {
  const entries = mapOf(text, json)(place);
  return entries && Object.fromEntries(entries);
}, { type: "object" });

const json: Decoder<unknown> = (place) => {
  const { node } = place;
  if (isMap(node)) return jsonMapping(place);
  if (isSeq(node)) return node.items.map((item, i) => json(place.below(i, item as Node)));
  const value = text(place);
  if (value === undefined || !isScalar(node) || node.type !== "PLAIN") return value;
  if (JSON_WORDS.has(value)) return JSON_WORDS.get(value);
  return JSON_NUMBER.test(value) ? Number(value) : value;
};
