/** How one value of an input is asked for. */
export type FieldKind = "text" | "lines" | "number" | "integer" | "flag" | "choice" | "json";

/** One property of a script's input, as a field of a form. */
export interface InputField {
  /** As the input has it. */
  readonly key: string;
  readonly kind: FieldKind;
  readonly required: boolean;
  /** For a choice. */
  readonly choices: readonly unknown[];
  readonly hint: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

type Schema = Readonly<Record<string, unknown>>;

/**
 * The fields that a JSON Schema of an input stands for: one for each property at its top. What a
 * field cannot say is asked for as JSON.
 *
 * @returns Empty when the input is no object, or the schema says too little.
 * @example
 * ```ts
 * import { inputFields } from "./input_fields.ts";
 * import assert from "node:assert/strict";
 *
 * const [field] = inputFields({ properties: { copies: { type: "integer", minimum: 1 } } });
 * assert.deepEqual([field?.key, field?.kind, field?.minimum], ["copies", "integer", 1]);
 * ```
 */
export function inputFields(schema: unknown): InputField[] {
  const { properties, required } = objectOf(schema);
  const needed = new Set(Array.isArray(required) ? required : []);
  return Object.entries(objectOf(properties)).map(([key, value]) => {
    const said = objectOf(value);
    return {
      key,
      kind: kindOf(said),
      required: needed.has(key),
      choices: Array.isArray(said.enum) ? said.enum : [],
      hint: hintOf(said),
      ...(typeof said.minimum === "number" && { minimum: said.minimum }),
      ...(typeof said.maximum === "number" && { maximum: said.maximum }),
    };
  });
}

function kindOf(schema: Schema): FieldKind {
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return "choice";
  switch (schema.type) {
    case "string":
      return "text";
    case "number":
      return "number";
    case "integer":
      return "integer";
    case "boolean":
      return "flag";
    case "array":
      return objectOf(schema.items).type === "string" ? "lines" : "json";
    default:
      return "json";
  }
}

function hintOf({ description, default: usual, pattern }: Schema): string {
  const words = [
    typeof description === "string" ? description : "",
    typeof pattern === "string" ? `like ${pattern}` : "",
    usual === undefined ? "" : `default: ${JSON.stringify(usual)}`,
  ];
  return words.filter((word) => word !== "").join("; ");
}

function objectOf(value: unknown): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Schema
    : {};
}
