import { HubError } from "../../errors.ts";
import type { Form } from "../environment.ts";
import type { InputField } from "./input_fields.ts";

/** What a field of the form is called for a property of the input. */
export function fieldName(key: string): string {
  return `input.${key}`;
}

/**
 * The input that a form says. A field that was left empty is not in it.
 *
 * @throws {HubError} bad_request – a field is no number, or no JSON.
 */
export function readInput(form: Form, fields: readonly InputField[]): unknown {
  if (fields.length === 0) {
    const text = form.text("input").trim();
    return text === "" ? null : jsonOf("the input", text);
  }
  const entries = fields.flatMap((field) => {
    const text = form.text(fieldName(field.key));
    return text === "" ? [] : [[field.key, valueOf(field, text)] as const];
  });
  // Unlike an assignment, this makes a property of every key, "__proto__" too.
  return Object.fromEntries(entries);
}

function valueOf({ key, kind, choices }: InputField, text: string): unknown {
  switch (kind) {
    case "text":
      return text.replaceAll("\r\n", "\n");
    case "lines":
      return text.split(/\r?\n/).filter((line) => line !== "");
    case "number":
    case "integer":
      return numberOf(key, text);
    case "flag":
      return text === "true";
    case "choice":
      // A number that was typed past the form finds nothing, and the schema says the rest.
      return choices[Number(text)];
    case "json":
      return jsonOf(`"${key}"`, text);
  }
}

function numberOf(key: string, text: string): number {
  const number = Number(text);
  if (Number.isFinite(number)) return number;
  throw new HubError("bad_request", `Cannot read "${key}" as it must be a number`);
}

function jsonOf(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HubError("bad_request", `Cannot read ${what} as it must be JSON`, { cause });
  }
}
