import type { Command } from "commander";
import type { Signer } from "../../core/key.ts";
import { fileError, readDescriptor } from "../arguments/files.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import {
  askPassphrase,
  type PassphraseOptions,
  readPassphrase,
  withPassphrase,
} from "../terminal/passphrase.ts";

export { type PassphraseOptions, readPassphrase, withPassphrase } from "../terminal/passphrase.ts";

/** Options of commands that may have an `ssh-agent` sign. */
export interface KeyOptions extends PassphraseOptions {
  sshAgent?: string;
}

/** A key file is a few hundred bytes. */
const KEY_BYTES = 65_536;

/** Adds `--ssh-agent` and where passphrases come from. */
export function withKeys(command: Command): Command {
  return withPassphrase(command)
    .option("--ssh-agent <socket>", "have this ssh-agent sign; --key then names public keys");
}

/**
 * Reads the private keys that the user named: files, or `fd:N` for an open descriptor. A key that
 * has a passphrase asks for it at the terminal when no option brings it.
 *
 * @throws {CliError} usage, no_such_file, file, not_confirmed
 * @throws {AuthorError} key_readable – when others may read a file
 * @throws {KeyFileError} not_a_key, not_ed25519, passphrase
 */
export async function readSigners(
  cli: Cli,
  keys: readonly string[],
  options: PassphraseOptions,
): Promise<Signer[]> {
  const passphrase = await readPassphrase(cli, options);
  const signers: Signer[] = [];
  // One after the other: each may ask.
  for (const key of keys) signers.push(await openKey(cli, key, passphrase));
  return signers;
}

/**
 * As {@linkcode readSigners}, for one message that is known: with `--ssh-agent` the keys are
 * public ones, and the agent signs.
 */
export async function signersFor(
  cli: Cli,
  keys: readonly string[],
  options: KeyOptions,
  message: () => Uint8Array,
): Promise<Signer[]> {
  if (options.sshAgent === undefined) return await readSigners(cli, keys, options);
  const [{ SshAgent }, { readPublicKey }] = await Promise.all([
    import("../../author/ssh_agent.ts"),
    import("../../author/key_file.ts"),
  ]);
  const bytes = message();
  using agent = await SshAgent.connect(cli.path(options.sshAgent));
  const signers: Signer[] = [];
  for (const file of keys) {
    const key = await readPublicKey(cli.path(file)).catch((error) => {
      throw error.name === "KeyFileError" ? error : fileError("read", file, error);
    });
    signers.push(await agent.signerFor(key, bytes));
  }
  return signers;
}

async function openKey(cli: Cli, key: string, given: string | undefined): Promise<Signer> {
  const open = await readerOf(cli, key);
  try {
    return await open(given);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "passphrase")) {
      throw error;
    }
    if (given !== undefined) throw error;
    if (!cli.io.stdin.isTerminal) {
      const hint = "give it in a file: --passphrase-file FILE";
      throw new CliError("usage", `Cannot open "${key}" as it has a passphrase`, hint);
    }
    return await open(await askPassphrase(cli, `Passphrase of "${key}"`));
  }
}

/** Reads a key once, to be opened with or without a passphrase. */
async function readerOf(
  cli: Cli,
  key: string,
): Promise<(passphrase?: string) => Promise<Signer> | Signer> {
  const [, descriptor] = /^fd:(.*)$/.exec(key) ?? [];
  if (descriptor !== undefined) {
    const { signerFromPem } = await import("../../core/pem.ts");
    const text = new TextDecoder().decode(await readDescriptor(descriptor, KEY_BYTES));
    return (passphrase) => signerFromPem(text, passphrase, `the key of descriptor ${descriptor}`);
  }
  const { readSigner } = await import("../../author/key_file.ts");
  return (passphrase) =>
    readSigner(cli.path(key), passphrase).catch((error) => {
      throw error.name === "AuthorError" || error.name === "KeyFileError"
        ? error
        : fileError("read", key, error);
    });
}
