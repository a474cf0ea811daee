import type { Place } from "./place.ts";

/** A part of a JSON Schema (2020-12), for editors. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Turns one YAML value into a typed one; collects every mistake and then answers `undefined`. */
export interface Decoder<T> {
  (place: Place): T | undefined;
  /** What editors may know of the values it takes. */
  readonly schema?: JsonSchema;
}

/** A decoder with what JSON Schema can say of the values it takes. */
export function withSchema<T>(
  decode: (place: Place) => T | undefined,
  schema: JsonSchema,
): Decoder<T> {
  return Object.assign((place: Place) => decode(place), { schema });
}

/** A decoder whose value is looked at once more, or put into another shape. The schema stays. */
export function refine<A, B>(
  base: Decoder<A>,
  then: (value: A, place: Place) => B | undefined,
): Decoder<B> {
  return withSchema((place) => {
    const value = base(place);
    return value === undefined ? undefined : then(value, place);
  }, schemaOf(base));
}

/** A value that may be written in several ways, told apart by `choose`. */
export function either<T>(
  choose: (place: Place) => T | undefined,
  ways: readonly Decoder<unknown>[],
): Decoder<T> {
  return withSchema(choose, { anyOf: ways.map(schemaOf) });
}

/** What is known of a decoder's values; of one without a schema nothing. */
export function schemaOf(decoder: Decoder<unknown>): JsonSchema {
  return decoder.schema ?? {};
}

/** Text as an editor sees it, which takes `1.10` for a number and `true` for a truth value. */
export const TEXT_SCHEMA: JsonSchema = { type: ["string", "number", "boolean"] };

/** A word, and the number or truth value that an editor takes it for. */
export function wordsSchema(words: readonly string[]): JsonSchema {
  return {
    enum: words.flatMap((word): unknown[] =>
      /^\d+$/.test(word)
        ? [word, Number(word)]
        : word === "true" || word === "false"
        ? [word, word === "true"]
        : [word]
    ),
  };
}
