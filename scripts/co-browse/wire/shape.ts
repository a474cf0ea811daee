/** Whether a value of unknown making has a shape. */
export type Shape<T> = (value: unknown) => value is T;

/** What a shape lets pass. */
export type Shaped<S> = S extends Shape<infer T> ? T : never;

/** Text of a bounded length, in UTF-16 units. */
export function text(most: number, least = 0): Shape<string> {
  return (value): value is string =>
    typeof value === "string" && value.length >= least && value.length <= most;
}

/** Text that a pattern fits as a whole. */
export function pattern(form: RegExp): Shape<string> {
  return (value): value is string => typeof value === "string" && form.test(value);
}

/** A finite number within bounds. */
export function number(least: number, most: number): Shape<number> {
  return (value): value is number => typeof value === "number" && value >= least && value <= most;
}

/** A whole number within bounds. */
export function whole(least: number, most: number): Shape<number> {
  return (value): value is number => Number.isInteger(value) && number(least, most)(value);
}

export const boolean: Shape<boolean> = (value): value is boolean => typeof value === "boolean";

/** One of these values. */
export function oneOf<const T extends string | number | null>(...values: readonly T[]): Shape<T> {
  return (value): value is T => values.includes(value as T);
}

/** What fits any of these shapes. */
export function anyOf<S extends readonly Shape<unknown>[]>(...shapes: S): Shape<Shaped<S[number]>> {
  return (value): value is Shaped<S[number]> => shapes.some((shape) => shape(value));
}

/** A list of no more than so many. */
export function list<T>(item: Shape<T>, most: number): Shape<T[]> {
  return (value): value is T[] =>
    Array.isArray(value) && value.length <= most && value.every((entry) => item(entry));
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
type Present<F extends Fields> = { [Key in keyof F]: Shaped<F[Key]> };
type Perhaps<F extends Fields> = { [Key in keyof F]?: Shaped<F[Key]> };

/**
 * An object with these fields and no other.
 *
 * @param optional Fields that may be missing; they are never `undefined` in JSON.
 */
export function object<F extends Fields, O extends Fields = Record<never, never>>(
  fields: F,
  optional: O = {} as O,
): Shape<Present<F> & Perhaps<O>> {
  return (value): value is Present<F> & Perhaps<O> => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const record = value as Record<string, unknown>;
    if (!Object.keys(fields).every((key) => Object.hasOwn(record, key))) return false;
    return Object.keys(record).every((key) => {
      const shape = Object.hasOwn(fields, key)
        ? fields[key]
        : Object.hasOwn(optional, key)
        ? optional[key]
        : undefined;
      return shape !== undefined && shape(record[key]);
    });
  };
}
