import { isRecord } from "../is_record.ts";
import { DIALECT, type KeywordKind, TYPES } from "./keywords.ts";

/** What the value of a keyword must be, in words that continue "must be …". */
interface ValueRule {
  readonly words: string;
  holds(value: unknown): boolean;
}

/** A rule for each kind of keyword; `null` where the value is anything, or a schema itself. */
export const VALUE_RULES: Readonly<Record<KeywordKind, ValueRule | null>> = {
  ignored: null,
  anything: null,
  schema: null,
  schemas: { words: "an object of schemas", holds: isRecord },
  "schema list": { words: "a list of schemas", holds: isFilledList },
  number: { words: "a number", holds: (value) => typeof value === "number" },
  "positive number": {
    words: "a number above 0",
    holds: (value) => typeof value === "number" && value > 0,
  },
  count: {
    words: "a whole number",
    holds: (value) => Number.isSafeInteger(value) && value as number >= 0,
  },
  boolean: { words: "true or false", holds: (value) => typeof value === "boolean" },
  names: { words: "a list of names", holds: isNames },
  "name lists": {
    words: "an object of lists of names",
    holds: (value) => isRecord(value) && Object.values(value).every(isNames),
  },
  list: { words: "a list of values", holds: isFilledList },
  pattern: { words: "a pattern", holds: (value) => typeof value === "string" },
  reference: { words: "a reference", holds: (value) => typeof value === "string" },
  types: { words: `one of ${TYPES.join(", ")}, or a list of them`, holds: isTypes },
  dialect: { words: `"${DIALECT}"`, holds: (value) => value === DIALECT },
};

function isFilledList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}

function isTypes(value: unknown): boolean {
  const types: unknown[] = Array.isArray(value) ? value : [value];
  const some = types.length > 0 && types.length <= TYPES.length;
  return some && types.every((type) => TYPES.includes(type as string));
}
