import type { ScriptName } from "../../core/documents/common.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { readInputText } from "../arguments/input.ts";

/** What the input of an order is made from. */
export interface InputParts {
  /** What `--input` says. */
  readonly text: string | undefined;
  /** Fields of the input, as they were typed behind the script. */
  readonly args: readonly string[];
  /** The script's own, where it is known. */
  readonly schema: Record<string, unknown> | undefined;
  /** Why a field cannot be read where the schema is not known. */
  unknown(field: string): Promise<CliError>;
}

/** The input of fields and `--input` together, held against the script's schema. */
export async function inputOf(
  cli: Cli,
  script: ScriptName,
  { text, args, schema, unknown }: InputParts,
): Promise<unknown> {
  const [{ fieldsOf }, { parseFields }, { checkInput }] = await Promise.all([
    import("./fields.ts"),
    import("./parse_fields.ts"),
    import("./check_input.ts"),
  ]);
  const { value, json } = await readInputText(cli, text);
  if (!schema && args.length > 0) throw await unknown(args[0]!);
  const fields = fieldsOf(schema);
  const given = parseFields(args, fields);
  if (args.length > 0 && (typeof value !== "object" || Array.isArray(value))) {
    throw new CliError("usage", "Cannot add fields to an --input that is no object");
  }
  const input = args.length === 0 ? value : { ...value as object | null, ...given };
  if (schema) {
    await checkInput(cli, input, schema, { script, fields, given, ...(json && { json }) });
  }
  return input;
}
