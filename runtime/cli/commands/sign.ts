import { LIMITS } from "../../core/limits.ts";
import { printable } from "../../core/printable.ts";
import { readUserFile } from "../arguments/files.ts";
import type { Cli, Registry } from "../cli.ts";
import { CliError } from "../errors.ts";
import { type FleetOptions, withFleet } from "../fleet/fleet.ts";
import { type KeyOptions, signersFor, withKeys } from "../signing/keys.ts";
import { inPackedFolder } from "../signing/packed_folder.ts";

interface Options extends KeyOptions, FleetOptions {
  key?: string[];
  status?: boolean;
  out?: string;
}

/** `writ sign`: a payload becomes a signed document, or a signed document gets another signature. */
export function addSign(registry: Registry): void {
  const command = registry.command(
    "sign <file>",
    "sign a packed script, manifest, order, accept-list, root or release, or add a signature",
    "writ sign dist/hello-1.0.0 --key keys/publisher.pem",
  )
    .option("--key <file...>", "private keys to sign with; fd:N reads an open descriptor")
    .option("--status", "sign nothing: say who signed, who is missing, and exit 1 until all have")
    .option(
      "--out <file>",
      "where to put the envelope (default: FILE.signed.json; an envelope: in its place)",
    );
  withFleet(withKeys(command)).action(registry.action(runSign));
}

async function runSign(cli: Cli, path: string, options: Options): Promise<number> {
  const { key: keyFiles, status: statusOnly } = options;
  if (keyFiles === undefined && !statusOnly) {
    throw new CliError(
      "usage",
      `Cannot sign "${path}" without a key`,
      "name one: --key FILE; or see who is missing: --status",
    );
  }
  const file = await inPackedFolder(
    cli,
    path,
    keyFiles === undefined || statusOnly ? "manifest.signed.json" : "manifest.json",
  );
  const bytes = await readUserFile(cli.path(file), file, LIMITS.ACCEPTLIST_BYTES);
  if (keyFiles === undefined || statusOnly) return await tellStatus(cli, file, bytes, options);
  const { messageToSign, signDocument } = await import("../../author/sign_document.ts");
  const message = () => messageToSign(bytes, file);
  const signers = await signersFor(cli, keyFiles, options, message);
  const { keyId } = await import("../../core/key.ts");
  const { writeAtomically } = await import("../../author/atomic_file.ts");
  const [{ statusOf }, store, { signedBefore }] = await Promise.all([
    import("../signing/signing_context.ts"),
    import("../signing/store_signed.ts"),
    import("../signing/signed_before.ts"),
  ]);
  const beside = `${file.replace(/\.json$/, "")}.signed.json`;
  const before = options.out === undefined
    ? await signedBefore(bytes, cli.path(beside))
    : undefined;
  const { kind, envelope, added } = signDocument(before ?? bytes, signers, file);
  const out = options.out ?? (added && !before ? file : beside);
  const status = await statusOf(cli, kind, envelope, cli.path(out), options);
  // A root or list that waited for this signature goes where agents look.
  const waited = store.finalName(cli.path(out));
  const done = waited !== undefined && status.complete;
  if (!done) await writeAtomically(cli.path(out), envelope);
  const stored = done ? await store.storeSigned(waited, envelope, true) : cli.path(out);
  const keys = signers.map((signer) => keyId(signer.publicKey));
  cli.answer({ kind, file: stored, signedBy: keys, status }, () =>
    [
      `Signed the ${kind} into ${printable(done ? stored : out)}`,
      ...keys.map((key) => `  by ${key}`),
      ...(status.roles.length === 0 ? [] : store.statusLines(cli, status)),
    ].join("\n"));
  return 0;
}

async function tellStatus(
  cli: Cli,
  file: string,
  bytes: Uint8Array,
  options: Options,
): Promise<number> {
  const [{ statusOf }, { seeDocument }, { statusLines }] = await Promise.all([
    import("../signing/signing_context.ts"),
    import("../../author/document_kind.ts"),
    import("../signing/store_signed.ts"),
  ]);
  const seen = seeDocument(bytes);
  if (seen?.form !== "envelope") {
    throw new CliError("refused", `Cannot tell who signed "${file}" as nobody has`, "writ sign it");
  }
  const status = await statusOf(cli, seen.kind, bytes, cli.path(file), options);
  cli.answer({ file: cli.path(file), ...status }, () => statusLines(cli, status).join("\n"));
  return status.complete ? 0 : 1;
}
