import type { PlannedAcceptance } from "../../plan_acceptance.ts";
import type { Cli, Registry } from "../../cli.ts";
import { confirm } from "../../confirm.ts";
import { CliError } from "../../errors.ts";
import { readUserFile } from "../../files.ts";
import { findFleet, type FleetOptions, withFleet } from "../../fleet.ts";
import { printableLines } from "../../printable.ts";

interface Options extends FleetOptions {
  publisherKey?: string[];
  range?: string;
  orders?: string[];
  yes?: boolean;
}

/** `writ policy accept`: puts a script on the list, with a grant to look through. */
export function addAccept(group: Registry): void {
  const command = group.command(
    "accept <manifest>",
    "accept a signed script: shows what it writes into the policy, then writes it",
    "writ policy accept print-1.0.0/manifest.signed.json --publisher-key acme.pub.pem",
  )
    .option(
      "--publisher-key <key...>",
      "keys of a publisher that is new here: ed25519:… or a .pub.pem file",
    )
    .option("--range <range>", "accept these versions (default: exactly these bytes)")
    .option("--orders <name...>", "who may order it (default: operator)")
    .option("--yes", "write without asking");
  withFleet(command).action(group.action(runAccept));
}

async function runAccept(cli: Cli, file: string, options: Options): Promise<void> {
  const { planAcceptance } = await import("../../plan_acceptance.ts");
  const { LIMITS } = await import("../../../core/limits.ts");
  const envelope = await readUserFile(cli.path(file), file, LIMITS.MANIFEST_BYTES);
  const { policy, state, keys } = await findFleet(cli, options);
  const plan = await planAcceptance(envelope, {
    dir: policy,
    kept: [state, keys],
    keys: await publisherKeys(cli, options.publisherKey ?? []),
    ...(options.range !== undefined && { range: options.range }),
    ...(options.orders !== undefined && { orders: options.orders }),
  });
  if (plan.writes.length === 0) {
    return cli.answer(answerOf(plan), () => `${plan.script} ${plan.version} is accepted already`);
  }
  cli.note(describe(cli, plan));
  await confirm(cli, "Write this?", options.yes);
  const { writeAtomically } = await import("../../../author/atomic_file.ts");
  await Deno.mkdir(`${policy}/grants`, { recursive: true, mode: 0o755 });
  for (const { path, text } of plan.writes) await writeAtomically(path, text);
  cli.answer(answerOf(plan), () =>
    `Accepted ${cli.out.bold(`${plan.script} ${plan.version}`)}
Next: look through the grant, then: writ policy explain ${plan.script}
A running agent loads it on SIGHUP`);
}

function answerOf({ script, version, sha256, signedBy, writes }: PlannedAcceptance) {
  return { script, version, sha256, signedBy, wrote: writes.map(({ path }) => path) };
}

function describe(cli: Cli, plan: PlannedAcceptance): string {
  const { bold, green, dim } = cli.err;
  const parts = plan.writes.map(({ path, added }) =>
    `${bold(path)}\n` +
    added.map((line) => green(`  + ${printableLines(line)}`)).join("\n")
  );
  return `${bold(`${plan.script} ${plan.version}`)} ${dim(plan.sha256)}
signed by ${plan.signedBy.join(", ")}

${parts.join("\n\n")}
`;
}

async function publisherKeys(cli: Cli, texts: readonly string[]) {
  const [{ KEY_FILE_BYTES }, { parsePublicKey }, { publicKeyFromPem }] = await Promise.all([
    import("../../../author/key_file.ts"),
    import("../../../core/key.ts"),
    import("../../../core/pem.ts"),
  ]);
  return await Promise.all(texts.map(async (text) => {
    if (text.startsWith("ed25519:")) return parsePublicKey(text);
    if (text.startsWith("writ-key:")) {
      throw new CliError("usage", `Cannot use "${text}" as it is a key's id and not the key`);
    }
    const bytes = await readUserFile(cli.path(text), text, KEY_FILE_BYTES);
    return publicKeyFromPem(new TextDecoder().decode(bytes), `"${text}"`);
  }));
}
