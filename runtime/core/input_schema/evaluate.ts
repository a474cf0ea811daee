import { canonicalText } from "../canonical_json.ts";
import { isRecord } from "../is_record.ts";
import { checkArray } from "./check_array.ts";
import { checkObject } from "./check_object.ts";
import { checkNumber, checkString } from "./check_scalar.ts";
import type { Evaluation, Fault } from "./evaluation.ts";
import type { ReadSchema } from "./keywords.ts";
import type { LinearPattern } from "./linear_pattern.ts";
import { resolve } from "./json_pointer.ts";
import type { Place } from "./place.ts";
import { SchemaFault } from "./schema_fault.ts";

/** Schemas inside one another, of which each level of the input may pass several. */
const DEPTH = 500;

/**
 * Evaluates a schema that `readSchema()` has looked through.
 *
 * @param steps How many it may take.
 * @throws {SchemaFault} when it takes more, or nests too deep
 */
export function evaluate(
  root: unknown,
  input: unknown,
  patterns: ReadonlyMap<string, LinearPattern>,
  steps: number,
): Fault | undefined {
  let left = steps;
  let depth = 0;
  // What is looked at again and again, made once.
  const lists = new Map<readonly unknown[], ReadonlySet<string>>();
  const records = new Map<object, readonly string[]>();
  const spend = (count: number) => {
    left -= count;
    if (left < 0) throw new SchemaFault("", `takes more than ${steps} steps to check the input`);
  };
  const evaluation: Evaluation = {
    spend,
    check(schema, value, place) {
      if (typeof schema === "boolean") {
        spend(1);
        return schema ? undefined : { place, message: "must not be there" };
      }
      if (++depth > DEPTH) throw new SchemaFault("", "leads back to itself without end");
      spend(10);
      const fault = checkValue(schema as ReadSchema, value, place, root, evaluation);
      depth--;
      return fault;
    },
    matches(source, text) {
      const pattern = patterns.get(source)!;
      spend(pattern.cost(text));
      return pattern.test(text);
    },
    textOf(value) {
      const text = canonicalText(value);
      spend(text.length + 10);
      return text;
    },
    textsOf(list) {
      const texts = lists.get(list) ?? new Set(list.map(evaluation.textOf));
      lists.set(list, texts);
      return texts;
    },
    keysOf(record) {
      const keys = records.get(record) ?? Object.keys(record);
      records.set(record, keys);
      spend(keys.length);
      return keys;
    },
  };
  return evaluation.check(root, input, undefined);
}

function checkValue(
  schema: ReadSchema,
  value: unknown,
  place: Place,
  root: unknown,
  evaluation: Evaluation,
): Fault | undefined {
  const { type } = schema;
  if (type !== undefined && ![type].flat().some((name) => isOfType(name, value))) {
    return { place, message: `must be of type ${[type].flat().join(" or ")}` };
  }
  return checkEqual(schema, value, place, evaluation) ??
    checkKind(schema, value, place, evaluation) ??
    checkReference(schema, value, place, root, evaluation) ??
    checkCombined(schema, value, place, evaluation);
}

function checkReference(
  { $ref }: ReadSchema,
  value: unknown,
  place: Place,
  root: unknown,
  { check, spend }: Evaluation,
): Fault | undefined {
  if ($ref === undefined) return undefined;
  spend($ref.length);
  return check(resolve(root, $ref), value, place);
}

function checkKind(
  schema: ReadSchema,
  value: unknown,
  place: Place,
  evaluation: Evaluation,
): Fault | undefined {
  if (typeof value === "string") return checkString(schema, value, place, evaluation);
  if (typeof value === "number") return checkNumber(schema, value, place);
  if (Array.isArray(value)) return checkArray(schema, value, place, evaluation);
  if (isRecord(value)) return checkObject(schema, value, place, evaluation);
  return undefined;
}

function checkEqual(
  schema: ReadSchema,
  value: unknown,
  place: Place,
  { textOf, textsOf }: Evaluation,
): Fault | undefined {
  if (Object.hasOwn(schema, "const") && textOf(schema.const) !== textOf(value)) {
    return { place, message: "must be the one value that is allowed" };
  }
  if (schema.enum !== undefined && !textsOf(schema.enum).has(textOf(value))) {
    return { place, message: "must be one of the values that are allowed" };
  }
  return undefined;
}

/** `allOf` and its kin. */
function checkCombined(
  schema: ReadSchema,
  value: unknown,
  place: Place,
  { check }: Evaluation,
): Fault | undefined {
  const { allOf = [], anyOf, oneOf, not } = schema;
  for (const inner of allOf) {
    const fault = check(inner, value, place);
    if (fault) return fault;
  }
  const fits = (inner: unknown) => check(inner, value, place) === undefined;
  if (anyOf && !anyOf.some(fits)) return { place, message: "must fit one of several schemas" };
  if (oneOf && oneOf.filter(fits).length !== 1) {
    return { place, message: "must fit exactly one of several schemas" };
  }
  if (not !== undefined && fits(not)) return { place, message: "must not fit a schema it fits" };
  if (schema.if === undefined) return undefined;
  return check((fits(schema.if) ? schema.then : schema.else) ?? true, value, place);
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isRecord(value);
    case "integer":
      return Number.isInteger(value);
    default: {
      const name: string = typeof value;
      return name === type;
    }
  }
}
