import { readUserFile } from "../../arguments/files.ts";
import { readPublicKey } from "../../arguments/public_key.ts";
import type { Cli, Registry } from "../../cli.ts";
import { type ChangeOptions, findFleet, withChange } from "../../fleet/fleet.ts";
import type { PlannedAcceptance } from "../../policy/plan_acceptance.ts";
import { inPackedFolder } from "../../signing/packed_folder.ts";

interface Options extends ChangeOptions {
  publisherKey?: string[];
  range?: string;
  orders?: string[];
}

/** `writ policy accept`: puts a script on the list, with a grant to look through. */
export function addAccept(group: Registry): void {
  const command = group.command(
    "accept <manifest>",
    "accept a signed script: shows what it writes into the policy, then writes it",
    "writ policy accept print-1.0.0 --publisher-key acme.pub.pem",
  )
    .option(
      "--publisher-key <key...>",
      "keys of a publisher that is new here: ed25519:… or a .pub.pem file",
    )
    .option("--range <range>", "accept these versions (default: exactly these bytes)")
    .option("--orders <name...>", "who may order it (default: operator)");
  withChange(command).action(group.action(runAccept));
}

async function runAccept(cli: Cli, path: string, options: Options): Promise<void> {
  const { planAcceptance } = await import("../../policy/plan_acceptance.ts");
  const { LIMITS } = await import("../../../core/limits.ts");
  const file = await inPackedFolder(cli, path, "manifest.signed.json");
  const envelope = await readUserFile(cli.path(file), file, LIMITS.MANIFEST_BYTES);
  const fleet = await findFleet(cli, options);
  const plan = await planAcceptance(envelope, {
    fleet,
    keys: await Promise.all((options.publisherKey ?? []).map((text) => readPublicKey(cli, text))),
    ...(options.range !== undefined && { range: options.range }),
    ...(options.orders !== undefined && { orders: options.orders }),
  });
  const { writes, script, version, sha256, signedBy, acceptedBy = null } = plan;
  const answer = { script, version, sha256, signedBy, acceptedBy };
  if (writes.length === 0) {
    return cli.answer({ ...answer, wrote: [], changes: [] }, () => already(plan));
  }
  const { changePolicy } = await import("../../policy/change_policy.ts");
  const done = await changePolicy(cli, fleet, writes, { head: head(cli, plan), yes: options.yes });
  cli.answer({ ...answer, ...done }, () =>
    `Accepted ${cli.out.bold(`${script} ${version}`)}
Next: look through the grant, then: writ policy explain ${script}
A running agent loads it by itself, or when told: writ policy reload`);
}

function already({ script, version, acceptedBy }: PlannedAcceptance): string {
  return `${script} ${version} is accepted already: ${acceptedBy ?? "this very release"}, ` +
    "and has its grant. Nothing was written";
}

function head(cli: Cli, { script, version, sha256, signedBy, acceptedBy }: PlannedAcceptance) {
  const { bold, dim } = cli.err;
  return [
    `${bold(`${script} ${version}`)} ${dim(sha256)}`,
    `signed by ${signedBy.join(", ")}`,
    ...(acceptedBy === undefined
      ? []
      : [`accepted already: ${acceptedBy}; what is missing is its grant, or a key`]),
    "",
  ].join("\n");
}
