import { is } from "valibot";
import type { DenyEntry } from "../../../core/documents/acceptlist.ts";
import { digestSchema, scriptNameSchema } from "../../../core/documents/common.ts";
import { rangeSchema } from "../../../core/semver_range.ts";
import { readPublicKey } from "../../arguments/public_key.ts";
import type { Cli, Registry } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { type ChangeOptions, findFleet, withChange } from "../../fleet/fleet.ts";

interface Options extends ChangeOptions {
  reason?: string;
}

/** `writ policy deny`: takes a script, a module or a key out of use, whatever accepts it. */
export function addDeny(group: Registry): void {
  const command = group.command(
    "deny <what>",
    "let something run no more: publisher/name, publisher/name@RANGE, sha256:… or a public key",
    "writ policy deny acme/print@'<1.2.0' --reason 'prints twice'",
  )
    .option("--reason <text>", "why, for whoever reads the policy (default: the date)");
  withChange(command).action(group.action(runDeny));
}

async function runDeny(cli: Cli, what: string, options: Options): Promise<void> {
  const [{ changePolicy, planWrite }, { denyInYaml, loadPolicyDir }] = await Promise.all([
    import("../../policy/change_policy.ts"),
    import("../../../policy/mod.ts"),
  ]);
  const fleet = await findFleet(cli, options);
  const day = new Date(cli.io.now()).toISOString().slice(0, 10);
  const entry = await entryFrom(cli, what, options.reason ?? `denied on ${day}`);
  const loaded = await loadPolicyDir(fleet.policy, { kept: fleet.kept });
  const path = `${fleet.policy}/accept.yaml`;
  const narrowing = loaded.mode === "signed";
  const writes = await planWrite(path, (text) => denyInYaml(text, path, entry, { narrowing }).text);
  if (writes.length === 0) {
    return cli.answer({ entry, wrote: [], changes: [] }, () => `${what} is denied already`);
  }
  const stranger = "script" in entry && loaded.mode === "local"
    ? await strangerWords(entry.script, loaded.policy.accept.map(({ script }) => script))
    : "";
  const done = await changePolicy(cli, fleet, writes, {
    head: `${cli.err.bold(`Deny ${what}`)}${stranger}`,
    yes: options.yes,
  });
  cli.answer({ entry, ...done }, () =>
    `Denied ${cli.out.bold(what)}
A running agent loads it by itself, or when told: writ policy reload. What runs already goes on:
writ runs cancel RUN`);
}

async function entryFrom(cli: Cli, what: string, reason: string): Promise<DenyEntry> {
  const [name, range] = [what.split("@", 1)[0]!, what.slice(what.indexOf("@") + 1)];
  if (is(digestSchema, what)) return { sha256: what, reason };
  if (is(scriptNameSchema, what)) return { script: what, reason };
  if (is(scriptNameSchema, name) && is(digestSchema, range)) return { sha256: range, reason };
  if (is(scriptNameSchema, name) && is(rangeSchema, range)) return { script: name, range, reason };
  if (what.startsWith("ed25519:") || what.endsWith(".pem")) {
    return { key: await readPublicKey(cli, what), reason };
  }
  throw new CliError(
    "usage",
    `Cannot tell what "${what}" is`,
    "write publisher/name, publisher/name@RANGE, sha256:…, ed25519:… or a .pub.pem file",
  );
}

/** A ban that was misspelt bans nothing, and nobody would notice. */
async function strangerWords(script: string, accepted: readonly string[]): Promise<string> {
  if (accepted.includes(script)) return "";
  const { didYouMean } = await import("../../../policy/near_word.ts");
  const near = didYouMean(script, accepted);
  return `\nNo entry accepts ${script} now${near ? `: ${near}` : ""}`;
}
