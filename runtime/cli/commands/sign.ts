import { LIMITS } from "../../core/limits.ts";
import type { Cli, Registry } from "../cli.ts";
import { readUserFile } from "../files.ts";
import { type KeyOptions, signersFor, withKeys } from "../keys.ts";
import { printable } from "../printable.ts";

interface Options extends KeyOptions {
  key: string[];
  out?: string;
}

/** `writ sign`: a payload becomes a signed document, or a signed document gets another signature. */
export function addSign(registry: Registry): void {
  const command = registry.command(
    "sign <file>",
    "sign a manifest, order, accept-list or root, or add a signature to one",
    "writ sign dist/hello-1.0.0/manifest.json --key keys/publisher.pem",
  )
    .requiredOption("--key <file...>", "private keys to sign with; fd:N reads an open descriptor")
    .option(
      "--out <file>",
      "where to put the envelope (default: FILE.signed.json; an envelope: in its place)",
    );
  withKeys(command).action(registry.action(runSign));
}

async function runSign(cli: Cli, file: string, options: Options): Promise<void> {
  const bytes = await readUserFile(cli.path(file), file, LIMITS.ACCEPTLIST_BYTES);
  const { messageToSign, signDocument } = await import("../../author/sign_document.ts");
  const message = () => messageToSign(bytes, file);
  const signers = await signersFor(cli, options.key, options, message);
  const { keyId } = await import("../../core/key.ts");
  const { writeAtomically } = await import("../../author/atomic_file.ts");
  const { kind, envelope, added } = signDocument(bytes, signers, file);
  const out = options.out ?? (added ? file : `${file.replace(/\.json$/, "")}.signed.json`);
  await writeAtomically(cli.path(out), envelope);
  const keys = signers.map((signer) => keyId(signer.publicKey));
  cli.answer(
    { kind, file: cli.path(out), signedBy: keys },
    () =>
      `Signed the ${kind} into ${printable(out)}
${keys.map((key) => `  by ${key}`).join("\n")}`,
  );
}
