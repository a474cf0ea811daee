import type { Manifest } from "../../../core/documents/manifest.ts";
import { InputSchema } from "../../../core/input_schema/input_schema.ts";
import { HubError } from "../../errors.ts";
import type { Form } from "../environment.ts";
import { inputFields } from "./input_fields.ts";
import { readInput } from "./read_input.ts";

/**
 * The input that a form says, held against the script's schema.
 *
 * @throws {HubError} bad_request – a field is not as it must be, or the schema refuses the input
 * @throws {VerificationError} input_schema – the publisher's schema cannot be used
 */
export async function checkedInput(form: Form, { inputSchema }: Manifest): Promise<unknown> {
  const input = readInput(form, inputFields(inputSchema));
  if (!inputSchema) return input;
  const fault = (await InputSchema.read(inputSchema)).fault(input);
  if (!fault) return input;
  throw new HubError("bad_request", `Cannot order as ${fault.path || "it"} ${fault.message}`);
}
