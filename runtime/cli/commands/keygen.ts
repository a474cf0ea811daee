import { fileError } from "../arguments/files.ts";
import type { Cli, Registry } from "../cli.ts";
import { CliError } from "../errors.ts";
import { type FleetOptions, seekFleet, withFleet } from "../fleet/fleet.ts";
import {
  askPassphrase,
  type PassphraseOptions,
  readPassphrase,
  withPassphrase,
} from "../terminal/passphrase.ts";

interface Options extends FleetOptions, PassphraseOptions {
  out?: string;
  encrypt?: boolean;
}

/** `writ keygen`: a new key pair in two files. */
export function addKeygen(registry: Registry): void {
  const command = registry.command(
    "keygen [name]",
    "make an Ed25519 key: NAME.pem in the fleet's keys, or --out FILE",
    "writ keygen release --encrypt",
  )
    .option("--out <file>", "the private key's file; the public one stands beside it")
    .option("--encrypt", "ask for a passphrase that the private key is encrypted with");
  withFleet(withPassphrase(command)).action(registry.action(runKeygen));
}

async function runKeygen(cli: Cli, name: string | undefined, options: Options): Promise<void> {
  const path = await pathFor(cli, name, options);
  const passphrase = await readPassphrase(cli, options) ??
    (options.encrypt ? await askTwice(cli) : undefined);
  const { writeNewKey } = await import("../../author/key_file.ts");
  const key = await writeNewKey(path, passphrase).catch((error) => {
    throw error.name === "AuthorError" ? error : fileError("write", path, error);
  });
  const { publicKey, keyId, privateFile, publicFile } = key;
  cli.answer({ publicKey, keyId, privateFile, publicFile }, () =>
    `${publicKey}
${keyId}
${
      cli.out.dim(`private: ${privateFile} (readable by you alone)
public:  ${publicFile}`)
    }`);
}

/** A slip in a passphrase that nobody saw would lose the key. */
async function askTwice(cli: Cli): Promise<string> {
  if (!cli.io.stdin.isTerminal) {
    const hint = "give it in a file: --passphrase-file FILE";
    throw new CliError("usage", "Cannot ask for a passphrase as nobody is at a terminal", hint);
  }
  const passphrase = await askPassphrase(cli, "New passphrase");
  if (await askPassphrase(cli, "The same again") === passphrase) return passphrase;
  throw new CliError("not_confirmed", "Cannot use the passphrase as the two were not the same");
}

async function pathFor(cli: Cli, name: string | undefined, options: Options): Promise<string> {
  if (name === undefined && options.out === undefined) {
    throw new CliError("usage", "Cannot tell where to put the key: give a NAME or --out FILE");
  }
  if (name !== undefined && options.out !== undefined) {
    const hint = `leave one out: "${name}" would go into the fleet's keys`;
    throw new CliError("usage", "Cannot put the key in two places: NAME and --out FILE", hint);
  }
  if (options.out !== undefined) {
    return cli.path(options.out.endsWith(".pem") ? options.out : `${options.out}.pem`);
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(name!)) {
    throw new CliError("usage", `Cannot use "${name}" as a key's name`, "give a path with --out");
  }
  const fleet = await seekFleet(cli, options);
  if (!fleet) {
    const hint = `give its place, --out ${name}.pem, or the fleet's folder, --fleet DIR`;
    throw new CliError("no_fleet", "Cannot tell where to put the key as there is no fleet", hint);
  }
  const { keys } = fleet;
  await Deno.mkdir(keys, { recursive: true, mode: 0o700 });
  return `${keys}/${name!.replace(/\.pem$/, "")}.pem`;
}
