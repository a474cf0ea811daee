import type { Command } from "commander";
import { printable } from "../../core/printable.ts";
import { readDescriptor, readUserFile } from "../arguments/files.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";

/** Options of commands that open private keys. */
export interface PassphraseOptions {
  passphraseFile?: string;
  passphraseFd?: string;
}

/** A passphrase is a line; what is longer is another file. */
const PASSPHRASE_BYTES = 4096;

/**
 * Adds `--passphrase-file` and `--passphrase-fd`; a passphrase on the command line would stand in
 * every process list.
 */
export function withPassphrase(command: Command): Command {
  return command
    .option("--passphrase-file <file>", "its first line opens the private key")
    .option("--passphrase-fd <number>", "as --passphrase-file, from an open descriptor");
}

/**
 * The passphrase that the options name.
 *
 * @returns `undefined` when they name none.
 * @throws {CliError} no_such_file, file, usage – when there is no passphrase where they say
 */
export async function readPassphrase(
  cli: Cli,
  { passphraseFile, passphraseFd }: PassphraseOptions,
): Promise<string | undefined> {
  if (passphraseFile !== undefined && passphraseFd !== undefined) {
    throw new CliError("usage", "Cannot take a passphrase from both a file and a descriptor");
  }
  if (passphraseFd !== undefined) {
    const bytes = await readDescriptor(passphraseFd, PASSPHRASE_BYTES);
    return firstLine(bytes, `descriptor ${passphraseFd}`);
  }
  if (passphraseFile === undefined) return undefined;
  const path = cli.path(passphraseFile);
  const bytes = await readUserFile(path, passphraseFile, PASSPHRASE_BYTES);
  return firstLine(bytes, `"${passphraseFile}"`);
}

/** Asks the person at the terminal, showing nothing of what is typed. */
export async function askPassphrase(cli: Cli, question: string): Promise<string> {
  const typed = await cli.io.stdin.secret(`${printable(question)}: `);
  if (typed) return typed;
  throw new CliError("not_confirmed", "Cannot go on as no passphrase was given");
}

function firstLine(bytes: Uint8Array, shown: string): string {
  const [line = ""] = new TextDecoder().decode(bytes).split(/\r?\n/);
  if (line !== "") return line;
  throw new CliError("usage", `Cannot use ${shown} as its first line is empty`);
}
