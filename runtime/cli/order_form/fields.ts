/** What one value of an input may be, as far as a command line has to know. */
export type FieldType = "text" | "number" | "flag" | "json";

/** One top-level key of a script's input, as an option. */
export interface Field {
  /** As the input has it. */
  readonly key: string;
  /** As it is typed, without dashes: `job-name` for `jobName`. */
  readonly option: string;
  readonly type: FieldType;
  /** Whether the option may be given several times; then `type` is that of one item. */
  readonly list: boolean;
  readonly required: boolean;
  readonly choices: readonly string[];
  /** Bounds and description, in words. */
  readonly words: string;
}

type Schema = Readonly<Record<string, unknown>>;

/**
 * The options that a JSON Schema of an input stands for: one for each property at its top.
 *
 * @returns Empty when the input is no object, or the schema says too little.
 * @example
 * ```ts
 * import { fieldsOf } from "./fields.ts";
 * import assert from "node:assert/strict";
 *
 * const [field] = fieldsOf({ properties: { jobName: { type: "string" } }, required: ["jobName"] });
 * assert.deepEqual([field?.option, field?.type, field?.required], ["job-name", "text", true]);
 * ```
 */
export function fieldsOf(schema: unknown): Field[] {
  const { properties, required = [] } = objectOf(schema);
  return Object.entries(objectOf(properties)).map(([key, value]) => {
    const said = objectOf(value);
    const list = typesOf(said).includes("array");
    const one = list ? objectOf(said.items) : said;
    return {
      key,
      option: key.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase(),
      type: typeOf(one),
      list,
      required: Array.isArray(required) && required.includes(key),
      choices: choicesOf(one),
      words: [boundsOf(one), text(said.description)].filter((part) => part !== "").join("; "),
    };
  });
}

function typeOf(schema: Schema): FieldType {
  const types = typesOf(schema);
  const values = [...Array.isArray(schema.enum) ? schema.enum : []];
  const all = (type: string) => values.length > 0 && values.every((value) => typeof value === type);
  if (types.includes("integer") || types.includes("number") || all("number")) return "number";
  if (types.includes("string") || all("string")) return "text";
  return types.includes("boolean") ? "flag" : "json";
}

function typesOf({ type }: Schema): unknown[] {
  return Array.isArray(type) ? type : [type];
}

function choicesOf(schema: Schema): string[] {
  const values = Array.isArray(schema.enum) ? schema.enum : "const" in schema ? [schema.const] : [];
  return values.map((value) => typeof value === "string" ? value : JSON.stringify(value));
}

function boundsOf(schema: Schema): string {
  const { minimum, maximum, minLength, maxLength, pattern, default: usual } = schema;
  const words = [
    span(minimum, maximum, ""),
    span(minLength, maxLength, " characters"),
    pattern === undefined ? "" : `like ${text(pattern)}`,
    usual === undefined ? "" : `default: ${JSON.stringify(usual)}`,
  ];
  return words.filter((part) => part !== "").join(", ");
}

function span(from: unknown, to: unknown, unit: string): string {
  if (typeof from === "number" && typeof to === "number") return `${from} to ${to}${unit}`;
  if (typeof from === "number") return `at least ${from}${unit}`;
  return typeof to === "number" ? `at most ${to}${unit}` : "";
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function objectOf(value: unknown): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Schema
    : {};
}
