import type { PublicKey } from "../../core/documents/common.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { readPublicKey } from "../arguments/public_key.ts";
import { wholeNumber } from "../arguments/whole_number.ts";
import type { Cli, Registry } from "../cli.ts";
import { CliError } from "../errors.ts";
import { type ChangeOptions, findFleet, type Fleet, withChange } from "../fleet/fleet.ts";
import type { PlannedWrite } from "../policy/change_policy.ts";

interface Options extends ChangeOptions {
  publisher?: string;
  orderer?: string;
  maxSequence?: string;
  reason?: string;
}

/** `writ key`: whose keys count in the policy. */
export function addKey(registry: Registry): void {
  const group = registry.group(
    "key",
    "add, retire and revoke the keys of publishers and orderers",
    "writ key add acme.pub.pem --publisher acme",
  );
  const add = group.command(
    "add <key>",
    "trust a key of a publisher or of an orderer: ed25519:… or a .pub.pem file",
    "writ key add acme-2.pub.pem --publisher acme",
  )
    .option("--publisher <name>", "whose modules it signs")
    .option("--orderer <name>", "whose orders it signs");
  withChange(add).action(group.action(runAdd));
  const retire = group.command(
    "retire <key>",
    "let a publisher's key count for pinned bytes and old releases only",
    "writ key retire acme.pub.pem --max-sequence 7",
  )
    .option("--max-sequence <number>", "good up to this release (default: for pinned bytes only)");
  withChange(retire).action(group.action(runRetire));
  const revoke = group.command(
    "revoke <key>",
    "let a key count for nothing any more, wherever it stands",
    "writ key revoke acme.pub.pem --reason stolen",
  )
    .option("--reason <text>", "why (default: the date)");
  withChange(revoke).action(group.action(runRevoke));
}

async function runAdd(cli: Cli, text: string, options: Options): Promise<void> {
  const { publisher, orderer } = options;
  if ((publisher === undefined) === (orderer === undefined)) {
    throw new CliError(
      "usage",
      "Cannot tell whose key it is",
      "give --publisher NAME or --orderer NAME; keys of the root: writ root rotate --add",
    );
  }
  const { key, fleet, policy, edit, planWrite } = await begin(cli, text, options);
  await noteNewName(cli, publisher ?? orderer!, publisher ? policy.publishers : policy.orderers);
  const writes = publisher !== undefined
    ? await planWrite(
      edit.accept,
      (t) => edit.publisherKeyInYaml(t, edit.accept, { publisher, key, state: "active" }).text,
    )
    : await planWrite(
      edit.fleet,
      (t) => edit.ordererKeyInYaml(t, edit.fleet, { orderer: orderer!, key }).text,
    );
  await finish(cli, fleet, { verb: "add", key, writes, options });
}

/** A misspelt name would be a new publisher or orderer, whom the admin did not mean to trust. */
async function noteNewName(
  cli: Cli,
  name: string,
  known: ReadonlyMap<string, unknown>,
): Promise<void> {
  if (known.has(name)) return;
  const { didYouMean } = await import("../../policy/near_word.ts");
  const near = didYouMean(name, known.keys());
  cli.note(
    `${cli.err.yellow("new")}: "${name}" is not in the policy yet${near ? `, ${near}` : ""}`,
  );
}

async function runRetire(cli: Cli, text: string, options: Options): Promise<void> {
  const { key, fleet, policy, edit, planWrite } = await begin(cli, text, options);
  const [publisher] = publishersOf(policy, key);
  if (publisher === undefined) throw unknownKey("retire", key);
  const maxSequence = options.maxSequence === undefined
    ? {}
    : { maxSequence: wholeNumber("--max-sequence", options.maxSequence) };
  const change = { publisher, key, state: "retired", ...maxSequence } as const;
  const writes = await planWrite(
    edit.accept,
    (t) => edit.publisherKeyInYaml(t, edit.accept, change).text,
  );
  await finish(cli, fleet, { verb: "retire", key, writes, options });
}

/** A deny entry stands for all the places where a key could come back: orderers, signed lists. */
async function runRevoke(cli: Cli, text: string, options: Options): Promise<void> {
  const { key, fleet, policy, edit, planWrite } = await begin(cli, text, options);
  const publishers = publishersOf(policy, key);
  const orderers = [...policy.orderers].filter(([, role]) => role.keys.includes(key));
  if (publishers.length + orderers.length === 0) throw unknownKey("revoke", key);
  const day = new Date(cli.io.now()).toISOString().slice(0, 10);
  const reason = options.reason ?? `revoked on ${day}`;
  const writes = await planWrite(edit.accept, (before) => {
    const revoked = publishers.reduce(
      (t, publisher) =>
        edit.publisherKeyInYaml(t, edit.accept, { publisher, key, state: "revoked" }).text,
      before,
    );
    return edit.denyInYaml(revoked, edit.accept, { key, reason }).text;
  });
  await finish(cli, fleet, { verb: "revoke", key, writes, options });
}

async function begin(cli: Cli, text: string, options: Options) {
  const [{ planWrite }, policyRoom] = await Promise.all([
    import("../policy/change_policy.ts"),
    import("../../policy/mod.ts"),
  ]);
  const fleet = await findFleet(cli, options);
  const loaded = await policyRoom.loadPolicyDir(fleet.policy, { kept: fleet.kept });
  if (loaded.mode !== "local") {
    throw new CliError(
      "refused",
      "Cannot change keys here as a signed list and root say them",
      "change them in the admin's folder; until then: writ policy deny KEY",
    );
  }
  const key = await readPublicKey(cli, text);
  const { publisherKeyInYaml, ordererKeyInYaml, denyInYaml } = policyRoom;
  const paths = { accept: `${fleet.policy}/accept.yaml`, fleet: `${fleet.policy}/fleet.yaml` };
  const edit = { ...paths, publisherKeyInYaml, ordererKeyInYaml, denyInYaml };
  return {
    key,
    fleet,
    policy: loaded.policy,
    edit,
    planWrite: (path: string, change: (text: string) => string) =>
      planWrite(path, change).catch((cause) => {
        if (!(cause instanceof RangeError)) throw cause;
        throw new CliError("refused", cause.message, undefined, { cause });
      }),
  };
}

async function finish(
  cli: Cli,
  fleet: Fleet,
  { verb, key, writes, options }: {
    verb: string;
    key: PublicKey;
    writes: readonly PlannedWrite[];
    options: Options;
  },
): Promise<void> {
  if (writes.length === 0) {
    return cli.answer({ key, wrote: [], changes: [] }, () => "The policy says so already");
  }
  const { changePolicy } = await import("../policy/change_policy.ts");
  const head = `${cli.err.bold(`${verb} ${key}`)}\n`;
  const done = await changePolicy(cli, fleet, writes, { head, yes: options.yes });
  cli.answer(
    { key, ...done },
    () =>
      `Done. A running agent loads it by itself, or when told: writ policy reload
Where lists are signed: writ policy sign; and for orderers: writ root rotate`,
  );
}

function publishersOf(policy: PolicyInForce, key: PublicKey): string[] {
  return [...policy.publishers]
    .filter(([, publisher]) => publisher.keys.some((entry) => entry.key === key))
    .map(([name]) => name);
}

function unknownKey(verb: string, key: PublicKey): CliError {
  return new CliError(
    "refused",
    `Cannot ${verb} ${key} as the policy does not know it`,
    "keys of the root: writ root rotate --remove ROLE=KEY; any other: writ policy deny KEY",
  );
}
