import { nearestWord } from "../../policy/near_word.ts";
import { CliError } from "../errors.ts";
import type { Field } from "./fields.ts";

/**
 * Reads `--copies 2 --job-name Letter` by the fields of an input.
 *
 * @param args What no option of the command took.
 * @returns The keys that were given, with values of their type. Whether they fit the schema is
 * another question.
 * @throws {CliError} usage – for an option that is no field, a value that is missing or of another
 * type, or one that is given twice
 */
export function parseFields(
  args: readonly string[],
  fields: readonly Field[],
): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (let at = 0; at < args.length;) {
    const { field, negated, inline } = fieldNamed(args[at++]!, fields);
    const isFlag = field.type === "flag" && inline === undefined && !isBoolean(args[at]);
    const value = isFlag ? String(!negated) : inline ?? args[at++];
    if (value === undefined) {
      throw new CliError("usage", `Cannot use --${field.option} as it has no value`);
    }
    const read = readValue(field, value);
    if (field.list) given[field.key] = [...given[field.key] as unknown[] ?? [], read];
    else if (Object.hasOwn(given, field.key)) {
      throw new CliError("usage", `Cannot use --${field.option} twice`);
    } else given[field.key] = read;
  }
  return given;
}

function fieldNamed(arg: string, fields: readonly Field[]) {
  const [, name = "", inline] = /^--([^=]+)(?:=([^]*))?$/.exec(arg) ?? [];
  const find = (wanted: string) =>
    fields.find(({ option, key }) => option === wanted || key === wanted);
  const field = find(name);
  if (field) return { field, inline, negated: false };
  const denied = name.startsWith("no-") ? find(name.slice("no-".length)) : undefined;
  if (denied?.type === "flag") return { field: denied, inline, negated: true };
  const options = fields.map(({ option }) => `--${option}`);
  const nearest = nearestWord(`--${name}`, options);
  const hint = nearest
    ? `did you mean ${nearest}?`
    : options.length === 0
    ? "give the input as JSON: --input"
    : `the input's fields are ${options.join(", ")}`;
  const message = `Cannot use "${arg}" as it is neither an option nor a field of the input`;
  throw new CliError("usage", message, hint);
}

function isBoolean(arg: string | undefined): boolean {
  return arg === "true" || arg === "false";
}

function readValue({ option, type, choices }: Field, text: string): unknown {
  if (choices.length > 0 && !choices.includes(text)) {
    throw new CliError(
      "usage",
      `Cannot use --${option} as "${text}" is none of ${choices.join(", ")}`,
    );
  }
  if (type === "text") return text;
  const value = parseJson(text);
  const fits = {
    number: typeof value === "number",
    flag: typeof value === "boolean",
    json: value !== undefined,
  }[type];
  if (fits) return value;
  const wanted = { number: "a number", flag: "true or false", json: "JSON" }[type];
  throw new CliError("usage", `Cannot use --${option} as "${text}" is not ${wanted}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
