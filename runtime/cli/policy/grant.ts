import type { Grant } from "../../core/documents/grant.ts";
import { readUserFile } from "../arguments/files.ts";
import type { Cli } from "../cli.ts";

/** A grant file is edited by hand; what is longer is something else. */
const GRANT_BYTES = 1 << 20;

/**
 * Reads a grant that the user named.
 *
 * @throws {CliError} no_such_file, file – when it cannot be read
 * @throws {PolicyError} – with every mistake in it
 */
export async function readGrant(cli: Cli, file: string): Promise<Grant> {
  const text = new TextDecoder().decode(await readUserFile(cli.path(file), file, GRANT_BYTES));
  const { parseGrant } = await import("../../policy/files/grant_file.ts");
  return parseGrant(text, file);
}
