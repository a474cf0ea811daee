import { isMap, isScalar, isSeq, type Node, type YAMLMap } from "yaml";
import { isPrintable } from "../../core/printable.ts";
import { didYouMean } from "../near_word.ts";
import { Place } from "./place.ts";
import type { Finding } from "./policy_file.ts";
import {
  type Decoder,
  type JsonSchema,
  refine,
  schemaOf,
  TEXT_SCHEMA,
  withSchema,
  wordsSchema,
} from "./decoder.ts";

type Shape = Readonly<Record<string, Decoder<unknown>>>;
type Decoded<D> = D extends Decoder<infer T> ? T : never;
type Closed<R extends Shape, O extends Shape> =
  & { [K in keyof R]: Decoded<R[K]> }
  & { [K in keyof O]?: Decoded<O[K]> };

/** Any text without control or invisible characters, which could fool a terminal or a reader. */
export const text: Decoder<string> = withSchema((place) => {
  const { node } = place;
  if (!isScalar(node) || typeof node.value !== "string") return wrongType(place, "a text");
  if (node.value === "") {
    return place.mistake({ code: "bad_value", message: "must not be empty" });
  }
  if (looksLikePrivateKey(node.value)) {
    return place.mistake({
      code: "private_key",
      message: "must not hold a private key (not shown here)",
      hint: "put the public key there, and make a new pair if others could read this file",
    });
  }
  if (!isPrintable(node.value)) {
    return place.mistake({
      code: "bad_value",
      message: `must not hold control characters: got ${JSON.stringify(node.value)}`,
    });
  }
  return node.value;
}, TEXT_SCHEMA);

/**
 * A text that `parse` accepts; `parse` answers what is wrong otherwise.
 *
 * @param schema What an editor can check of it, no more than `parse` does.
 */
export function parsed<T>(
  parse: (text: string) => { ok: T } | Finding,
  schema: JsonSchema = {},
): Decoder<T> {
  return withSchema((place) => {
    const value = text(place);
    if (value === undefined) return undefined;
    const result = parse(value);
    return "ok" in result ? result.ok : place.mistake(result);
  }, { ...TEXT_SCHEMA, ...schema });
}

/** One of a few words. */
export function oneOf<const W extends string>(words: readonly W[]): Decoder<W> {
  return parsed((value) => {
    if ((words as readonly string[]).includes(value)) return { ok: value as W };
    return {
      code: "bad_value",
      message: `must be ${words.map((w) => `"${w}"`).join(" or ")}: got ${JSON.stringify(value)}`,
      hint: didYouMean(value, words),
    };
  }, wordsSchema(words));
}

/** A whole number from `min` to `max`, written in plain digits. */
export function count(min: number, max: number): Decoder<number> {
  return parsed((value) => {
    const number = /^(0|[1-9]\d{0,15})$/.test(value) ? Number(value) : NaN;
    if (number >= min && number <= max) return { ok: number };
    return {
      code: "bad_value",
      message: `must be a whole number from ${min} to ${max}: got ${JSON.stringify(value)}`,
    };
  }, { type: ["integer", "string"], minimum: min, maximum: max, pattern: "^(0|[1-9]\\d{0,15})$" });
}

/** `true` or `false`. */
export const flag: Decoder<boolean> = refine(oneOf(["true", "false"]), (word) => word === "true");

/** A list of at least `min` values, of which no two are the same. */
export function listOf<T>(item: Decoder<T>, min = 0): Decoder<T[]> {
  return withSchema((place) => {
    if (!isSeq(place.node)) return wrongType(place, "a list");
    const { items } = place.node;
    if (items.length < min) {
      return place.mistake({ code: "bad_value", message: `must list at least ${min}` });
    }
    const values: T[] = [];
    const seen = new Map<string, number>();
    items.forEach((node, i) => {
      const below = place.below(i, node as Node);
      const value = item(below);
      if (value === undefined) return;
      const first = seen.get(JSON.stringify(value));
      if (first !== undefined) {
        below.mistake({ code: "duplicate", message: `says the same as [${first}]` });
      }
      seen.set(JSON.stringify(value), i);
      values.push(value);
    });
    return values;
  }, { type: "array", items: schemaOf(item), minItems: min, uniqueItems: true });
}

/** A mapping from names that the admin chooses. */
export function mapOf<K extends string, T>(key: Decoder<K>, value: Decoder<T>): Decoder<Map<K, T>> {
  return withSchema((place) => {
    const pairs = pairsOf(place);
    if (!pairs) return undefined;
    const result = new Map<K, T>();
    for (const [, below, keyNode] of pairs) {
      const checked = key(new Place(place.file, keyNode, below.segments));
      const decoded = value(below);
      if (checked !== undefined && decoded !== undefined) result.set(checked, decoded);
    }
    return result;
  }, {
    type: "object",
    propertyNames: schemaOf(key),
    additionalProperties: schemaOf(value),
  });
}

/** A mapping that may hold these keys and no other. */
export function closed<R extends Shape, O extends Shape>(
  required: R,
  optional: O,
): Decoder<Closed<R, O>> {
  const known = [...Object.keys(required), ...Object.keys(optional)];
  const schema = {
    type: "object",
    properties: Object.fromEntries(
      Object.entries({ ...required, ...optional }).map((
        [key, decoder],
      ) => [key, schemaOf(decoder)]),
    ),
    required: Object.keys(required),
    additionalProperties: false,
  };
  return withSchema((place) => {
    const pairs = pairsOf(place);
    if (!pairs) return undefined;
    const result: Record<string, unknown> = {};
    const present = new Set<string>();
    for (const [name, below, keyNode] of pairs) {
      present.add(name);
      const decode = known.includes(name) ? required[name] ?? optional[name] : undefined;
      if (!decode) {
        new Place(place.file, keyNode, below.segments).mistake({
          code: "unknown_key",
          message: `is not a key here (allowed: ${known.join(", ") || "none"})`,
          hint: didYouMean(name, known),
        });
        continue;
      }
      const value = decode(below);
      if (value !== undefined) result[name] = value;
    }
    for (const name of Object.keys(required)) {
      if (present.has(name)) continue;
      place.below(name, null).mistake({ code: "missing_key", message: "is missing" });
    }
    const complete = Object.keys(required).every((name) => name in result);
    return complete ? result as Closed<R, O> : undefined;
  }, schema);
}

/** The entries of a mapping with their places; duplicate keys are mistakes and left out. */
function pairsOf(place: Place): [name: string, below: Place, key: Node][] | undefined {
  if (!isMap(place.node)) return wrongType(place, "a mapping");
  const pairs: [string, Place, Node][] = [];
  const seen = new Set<string>();
  for (const pair of (place.node as YAMLMap<Node, Node | null>).items) {
    const name = isScalar(pair.key) ? String(pair.key.value) : "";
    const below = place.below(name, pair.value ?? pair.key);
    if (seen.has(name)) {
      new Place(place.file, pair.key, below.segments).mistake({
        code: "duplicate_key",
        message: "stands here a second time",
      });
      continue;
    }
    seen.add(name);
    pairs.push([name, below, pair.key]);
  }
  return pairs;
}

function wrongType(place: Place, expected: string): undefined {
  const { node } = place;
  const got = isMap(node)
    ? "a mapping"
    : isSeq(node)
    ? "a list"
    : isScalar(node) && node.value !== ""
    ? looksLikePrivateKey(String(node.value)) ? "a private key" : JSON.stringify(node.value)
    : "nothing";
  return place.mistake({ code: "bad_type", message: `must be ${expected}: got ${got}` });
}

/** PEM and OpenSSH headers, and the first bytes of an unencrypted Ed25519 PKCS#8 key. */
function looksLikePrivateKey(value: string): boolean {
  return /PRIVATE KEY|^MC4CAQAwBQYDK2VwBCIEI|"d"\s*:/.test(value);
}
