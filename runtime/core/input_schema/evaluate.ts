import { canonicalText } from "../canonical_json.ts";
import { isRecord } from "../is_record.ts";
import { checkArray } from "./check_array.ts";
import { checkObject } from "./check_object.ts";
import { checkNumber, checkString } from "./check_scalar.ts";
import type { Evaluation, Fault, ReadSchema } from "./evaluation.ts";
import type { LinearPattern } from "./linear_pattern.ts";
import { resolve } from "./json_pointer.ts";
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
  const spend = (count: number) => {
    left -= count;
    if (left < 0) throw new SchemaFault("", `takes more than ${steps} steps to check the input`);
  };
  const evaluation: Evaluation = {
    spend,
    check(schema, value, path) {
      if (typeof schema === "boolean") {
        return schema ? undefined : { path, message: "must not be there" };
      }
      if (++depth > DEPTH) throw new SchemaFault("", "leads back to itself without end");
      spend(10);
      const fault = checkValue(schema as ReadSchema, value, path, root, evaluation);
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
  };
  return evaluation.check(root, input, "");
}

function checkValue(
  schema: ReadSchema,
  value: unknown,
  path: string,
  root: unknown,
  evaluation: Evaluation,
): Fault | undefined {
  const { type } = schema;
  if (type !== undefined && ![type].flat().some((name) => isOfType(name, value))) {
    return { path, message: `must be of type ${[type].flat().join(" or ")}` };
  }
  return checkEqual(schema, value, path, evaluation) ??
    checkKind(schema, value, path, evaluation) ??
    checkReference(schema, value, path, root, evaluation) ??
    checkCombined(schema, value, path, evaluation);
}

function checkReference(
  { $ref }: ReadSchema,
  value: unknown,
  path: string,
  root: unknown,
  { check, spend }: Evaluation,
): Fault | undefined {
  if ($ref === undefined) return undefined;
  spend($ref.length);
  return check(resolve(root, $ref), value, path);
}

function checkKind(
  schema: ReadSchema,
  value: unknown,
  path: string,
  evaluation: Evaluation,
): Fault | undefined {
  if (typeof value === "string") return checkString(schema, value, path, evaluation);
  if (typeof value === "number") return checkNumber(schema, value, path);
  if (Array.isArray(value)) return checkArray(schema, value, path, evaluation);
  if (isRecord(value)) return checkObject(schema, value, path, evaluation);
  return undefined;
}

function checkEqual(
  schema: ReadSchema,
  value: unknown,
  path: string,
  { textOf }: Evaluation,
): Fault | undefined {
  if (Object.hasOwn(schema, "const") && textOf(schema.const) !== textOf(value)) {
    return { path, message: "must be the one value that is allowed" };
  }
  if (schema.enum !== undefined) {
    const text = textOf(value);
    if (!schema.enum.some((allowed: unknown) => textOf(allowed) === text)) {
      return { path, message: "must be one of the values that are allowed" };
    }
  }
  return undefined;
}

/** `allOf` and its kin. */
function checkCombined(
  schema: ReadSchema,
  value: unknown,
  path: string,
  { check }: Evaluation,
): Fault | undefined {
  const { allOf = [], anyOf, oneOf, not } = schema;
  for (const inner of allOf) {
    const fault = check(inner, value, path);
    if (fault) return fault;
  }
  const fits = (inner: unknown) => check(inner, value, path) === undefined;
  if (anyOf && !anyOf.some(fits)) return { path, message: "must fit one of several schemas" };
  if (oneOf && oneOf.filter(fits).length !== 1) {
    return { path, message: "must fit exactly one of several schemas" };
  }
  if (not !== undefined && fits(not)) return { path, message: "must not fit a schema it fits" };
  if (schema.if === undefined) return undefined;
  return check((fits(schema.if) ? schema.then : schema.else) ?? true, value, path);
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
