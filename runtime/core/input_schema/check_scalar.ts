import type { Evaluation, Fault } from "./evaluation.ts";
import type { ReadSchema } from "./keywords.ts";
import type { Place } from "./place.ts";

/** Divisions of decimal fractions are off by this much at most, in parts of the quotient. */
const ROUNDING = 1e-12;

/** The keywords for numbers. */
export function checkNumber(schema: ReadSchema, value: number, place: Place): Fault | undefined {
  const { minimum = -Infinity, maximum = Infinity, multipleOf } = schema;
  const { exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = schema;
  const fault = (message: string) => ({ place, message });
  if (value < minimum) return fault(`must be at least ${minimum}`);
  if (value > maximum) return fault(`must be at most ${maximum}`);
  if (value <= exclusiveMinimum) return fault(`must be above ${exclusiveMinimum}`);
  if (value >= exclusiveMaximum) return fault(`must be below ${exclusiveMaximum}`);
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
    return fault(`must be a multiple of ${multipleOf}`);
  }
  return undefined;
}

/** The keywords for strings. Lengths count characters, not halves of surrogate pairs. */
export function checkString(
  schema: ReadSchema,
  value: string,
  place: Place,
  { matches, spend }: Evaluation,
): Fault | undefined {
  const { minLength, maxLength, pattern } = schema;
  if (minLength !== undefined || maxLength !== undefined) {
    spend(value.length);
    const length = characters(value);
    if (length < (minLength ?? 0)) {
      return { place, message: `must have at least ${minLength} characters` };
    }
    if (length > (maxLength ?? Infinity)) {
      return { place, message: `must have at most ${maxLength} characters` };
    }
  }
  if (pattern !== undefined && !matches(pattern, value)) {
    return { place, message: `must match the pattern ${pattern}` };
  }
  return undefined;
}

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function isMultiple(value: number, divisor: number): boolean {
  const quotient = value / divisor;
  if (!Number.isFinite(quotient)) return false;
  return Math.abs(quotient - Math.round(quotient)) <= ROUNDING * Math.abs(quotient);
}
