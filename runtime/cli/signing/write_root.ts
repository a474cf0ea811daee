import { basename } from "node:path";
import { nextRoot, type RoleChange } from "../../author/next_root.ts";
import { type SignatureStatus, signatureStatus } from "../../author/signature_status.ts";
import type { Root } from "../../core/documents/root.ts";
import { sealDocument } from "../../core/dsse.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { readRoots } from "../policy/policy_of.ts";
import { type PassphraseOptions, readSigners } from "./keys.ts";
import { requireNoPartial, statusLines, storeSigned } from "./store_signed.ts";

/** A root that was made, and who has to sign it still. */
export interface WrittenRoot {
  readonly root: Root;
  readonly file: string;
  readonly complete: boolean;
  readonly status: SignatureStatus;
}

/** What {@linkcode writeNextRoot} needs besides the changes. */
export interface WriteRootOptions extends PassphraseOptions {
  /** Private keys that sign here; others sign the file when it is handed on. */
  readonly key?: readonly string[];
  readonly lifetimeMs: number;
  readonly newEpoch?: boolean;
}

/** The newest root of the fleet, and where it lies. */
export async function newestRoot(fleet: Fleet): Promise<{ root: Root; folder: string }> {
  const folder = `${fleet.policy}/signed`;
  const root = (await readRoots(folder)).at(-1);
  if (root) return { root, folder };
  throw new CliError("refused", `Cannot find a root in "${folder}"`, "writ init makes the first");
}

/**
 * Makes the root that follows the newest one and signs it with the keys that are here. With enough
 * signatures it goes where agents look; else beside it, to be handed on.
 *
 * @throws {CliError} refused – when a change cannot be made, or another root waits for signatures
 */
export async function writeNextRoot(
  cli: Cli,
  fleet: Fleet,
  changes: readonly RoleChange[],
  options: WriteRootOptions,
): Promise<WrittenRoot> {
  const { lifetimeMs, newEpoch = false } = options;
  const { root: before, folder } = await newestRoot(fleet);
  const name = `${folder}/root.${before.version + 1}`;
  await requireNoPartial(name);
  const root = made(() => nextRoot(before, { changes, now: cli.io.now(), lifetimeMs, newEpoch }));
  const signers = await readSigners(cli, options.key ?? [`${fleet.keys}/root.pem`], options);
  const envelope = sealDocument("root", root, signers);
  const status = signatureStatus("root", envelope, { root: before });
  const file = await storeSigned(name, envelope, status.complete);
  return { root, file, complete: status.complete, status };
}

/** What was made, in words, and the next step. */
export function rootLines(cli: Cli, { root, file, complete, status }: WrittenRoot): string[] {
  const { version, epoch, expires } = root;
  return [
    `${complete ? "Signed" : "Began"} root ${version} (epoch ${epoch}, good until ${expires})`,
    `  ${file}`,
    ...(complete
      ? [
        "Next: sign a list under it, writ policy sign, and copy policy/signed to the machines whole",
      ]
      : [
        ...statusLines(cli, status),
        `Hand it on: the others run writ sign ${basename(file)} --key KEY, the roots beside it`,
      ]),
  ];
}

function made(make: () => Root): Root {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const hint = "writ root show names the roles and their keys";
    throw new CliError("refused", cause.message, hint, { cause });
  }
}
