import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import type { Field } from "./fields.ts";
import { jsonPlace } from "./json_place.ts";

/** Where an input came from, so that a mistake is shown where the user made it. */
export interface InputOrigin {
  readonly script: string;
  readonly fields: readonly Field[];
  /** The keys that were given as options. */
  readonly given: Readonly<Record<string, unknown>>;
  /** JSON of `--input`, and what it is called, when there was one. */
  readonly json?: { readonly text: string; readonly name: string };
}

/**
 * Holds an input against its schema before it is signed and sent.
 *
 * @throws {CliError} usage – when it does not fit, with the option or the line and column
 */
export async function checkInput(
  cli: Cli,
  input: unknown,
  schema: unknown,
  origin: InputOrigin,
): Promise<void> {
  const { InputSchema } = await import("../../core/input_schema/input_schema.ts");
  let fault;
  try {
    fault = (await InputSchema.read(schema)).fault(input);
  } catch (error) {
    // What is wrong with the schema is its publisher's matter, and the agent will say so.
    cli.note(`${cli.err.cyan("hint:")} the input was not checked: ${(error as Error).message}`);
    return;
  }
  if (!fault) return;
  throw new CliError(
    "usage",
    `Cannot order "${origin.script}" as its input does not fit: ` +
      `${placeOf(fault.path, origin)} ${fault.message}`,
    `see what it takes: writ order ${origin.script} --help`,
  );
}

function placeOf(path: string, { fields, given, json }: InputOrigin): string {
  const [, key = ""] = path.split("/");
  const field = fields.find((field) => field.key === key);
  if (field && Object.hasOwn(given, key)) {
    return `--${field.option}${path.slice(key.length + 1)}`;
  }
  const what = path === "" ? "it" : path;
  return json ? `${json.name}:${jsonPlace(json.text, path)} ${what}` : what;
}
