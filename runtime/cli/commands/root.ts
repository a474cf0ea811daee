import type { RoleChange } from "../../author/next_root.ts";
import type { Role } from "../../core/documents/root.ts";
import { readPublicKey } from "../arguments/public_key.ts";
import type { Cli, Registry } from "../cli.ts";
import { CliError } from "../errors.ts";
import { findFleet, type FleetOptions, withFleet } from "../fleet/fleet.ts";
import { type PassphraseOptions, withPassphrase } from "../signing/keys.ts";

interface RotateOptions extends FleetOptions, PassphraseOptions {
  add?: string[];
  remove?: string[];
  threshold?: string[];
  expires: string;
  newEpoch?: boolean;
  key?: string[];
}

/** `writ root`: who may sign what in the fleet, and how that changes. */
export function addRoot(registry: Registry): void {
  const group = registry.group(
    "root",
    "show the fleet's root of trust, and make the next one",
    "writ root show",
  );
  const show = group.command("show", "say who may sign what, and until when", "writ root show");
  withFleet(show).action(group.action(runShow));
  const rotate = group.command(
    "rotate",
    "make the next root: the old root keys and the new ones have to sign it",
    "writ root rotate --add root=new.pub.pem --remove root=keys/root.pub.pem",
  )
    .option("--add <role=key...>", "add a key; a role is root, accept, releases or orderer:NAME")
    .option("--remove <role=key...>", "take a key away")
    .option("--threshold <role=count...>", "how many keys of a role must sign")
    .option("--expires <time>", "good for this long", "365 d")
    .option("--new-epoch", "lists count from 1 again: after a stolen accept key signed a high one")
    .option("--key <file...>", "private keys that sign here (default: the fleet's root.pem)");
  withFleet(withPassphrase(rotate)).action(group.action(runRotate));
}

async function runShow(cli: Cli, options: FleetOptions): Promise<void> {
  const [{ newestRoot }, { keyId }] = await Promise.all([
    import("../signing/write_root.ts"),
    import("../../core/key.ts"),
  ]);
  const { root } = await newestRoot(await findFleet(cli, options));
  const line = ([name, { keys, threshold }]: [string, Role]) => [
    `  ${name}: ${threshold} of ${keys.length} must sign`,
    ...keys.map((key) => `    ${key} ${cli.out.dim(keyId(key))}`),
  ];
  const { fleet, version, epoch, expires, roles, orderers } = root;
  cli.answer(root, () =>
    [
      `root ${version} of fleet "${fleet}" (epoch ${epoch}, good until ${expires})`,
      "roles",
      ...(Object.entries(roles) as [string, Role][]).flatMap(line),
      "orderers",
      ...Object.entries(orderers).flatMap(line),
    ].join("\n"));
}

async function runRotate(cli: Cli, options: RotateOptions): Promise<void> {
  const [{ writeNextRoot, rootLines }, { parseDuration }] = await Promise.all([
    import("../signing/write_root.ts"),
    import("../arguments/duration.ts"),
  ]);
  const changes: RoleChange[] = [
    ...await keyChanges(cli, "add", options.add ?? []),
    ...await keyChanges(cli, "remove", options.remove ?? []),
    ...(options.threshold ?? []).map(thresholdChange),
  ];
  const written = await writeNextRoot(cli, await findFleet(cli, options), changes, {
    lifetimeMs: parseDuration("--expires", options.expires),
    ...(options.newEpoch && { newEpoch: true }),
    ...(options.key && { key: options.key }),
    ...(options.passphraseFile !== undefined && { passphraseFile: options.passphraseFile }),
  });
  const { root: { version, epoch, expires }, file, complete, status } = written;
  cli.answer(
    { version, epoch, expires, file, complete, status },
    () => rootLines(cli, written).join("\n"),
  );
}

async function keyChanges(
  cli: Cli,
  verb: "add" | "remove",
  texts: readonly string[],
): Promise<RoleChange[]> {
  return await Promise.all(texts.map(async (text) => {
    const [role, value] = pairFrom(text, `--${verb}`, "root=key.pub.pem");
    return { role, [verb]: await readPublicKey(cli, value) };
  }));
}

function thresholdChange(text: string): RoleChange {
  const [role, value] = pairFrom(text, "--threshold", "root=2");
  if (/^[1-9]\d?$/.test(value)) return { role, threshold: Number(value) };
  throw new CliError("usage", `Cannot use --threshold ${text} as "${value}" is no small number`);
}

function pairFrom(text: string, option: string, example: string): [role: string, value: string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new CliError(
    "usage",
    `Cannot use ${option} ${text} as it names no role`,
    `write it like ${option} ${example}`,
  );
}
