import type { Command } from "commander";
import type { Signer } from "../core/key.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./errors.ts";
import { fileError, readUserFile } from "./files.ts";

/** Options of commands that open private keys. */
export interface PassphraseOptions {
  passphraseFile?: string;
}

/** A passphrase is a line; what is longer is another file. */
const PASSPHRASE_BYTES = 4096;

/** Adds `--passphrase-file`; a passphrase on the command line would stand in every process list. */
export function withPassphrase(command: Command): Command {
  return command.option("--passphrase-file <file>", "its first line opens the private key");
}

/** @throws {CliError} no_such_file, file, usage – when there is no passphrase in the file */
export async function readPassphrase(
  cli: Cli,
  { passphraseFile }: PassphraseOptions,
): Promise<string | undefined> {
  if (passphraseFile === undefined) return undefined;
  const path = cli.path(passphraseFile);
  const bytes = await readUserFile(path, passphraseFile, PASSPHRASE_BYTES);
  const [line = ""] = new TextDecoder().decode(bytes).split(/\r?\n/);
  if (line !== "") return line;
  throw new CliError("usage", `Cannot use "${passphraseFile}" as its first line is empty`);
}

/** Reads the private keys that the user named. */
export async function readSigners(
  cli: Cli,
  files: readonly string[],
  options: PassphraseOptions,
): Promise<Signer[]> {
  const { readSigner } = await import("../author/key_file.ts");
  const passphrase = await readPassphrase(cli, options);
  return await Promise.all(files.map(async (file) => {
    try {
      return await readSigner(cli.path(file), passphrase);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.name.endsWith("FileError")) {
        if (error.code === "passphrase" && passphrase === undefined) {
          const hint = "give it in a file: --passphrase-file FILE";
          throw new CliError("usage", `Cannot open "${file}" as it has a passphrase`, hint);
        }
        throw error;
      }
      throw error instanceof Error && error.name === "AuthorError"
        ? error
        : fileError("read", file, error);
    }
  }));
}
