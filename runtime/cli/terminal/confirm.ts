import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";

/**
 * Asks the user, on a terminal, to agree to what was just shown.
 *
 * @param yes `--yes` was given.
 * @throws {CliError} not_confirmed – when they do not agree, or cannot be asked
 */
export async function confirm(cli: Cli, question: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  const { stdin, stderr } = cli.io;
  if (cli.json || !stdin.isTerminal) {
    throw new CliError(
      "not_confirmed",
      "Cannot go on without being told to, and there is nobody to ask",
      "look at it first, then add --yes",
    );
  }
  stderr.write(`${question} [y/N] `);
  const answer = await stdin.line();
  if (/^y(es)?$/i.test(answer?.trim() ?? "")) return;
  throw new CliError("not_confirmed", "Cannot go on as you did not agree: nothing was changed");
}
