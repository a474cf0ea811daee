import { basename } from "node:path";
import { isName } from "../../core/documents/common.ts";
import { CliError } from "../errors.ts";
import type { Cli, Registry } from "../cli.ts";

/** `writ init`: a fleet folder that works at once. */
export function addInit(registry: Registry): void {
  registry.command(
    "init [dir]",
    "make a fleet folder: keys, policy, an example script",
    "writ init my-fleet",
  )
    .option("--name <name>", "the fleet's name (default: the folder's)")
    .action(registry.action(runInit));
}

async function runInit(cli: Cli, dir = ".", options: { name?: string }): Promise<void> {
  const path = cli.path(dir);
  const fleet = options.name ?? nameFrom(basename(path));
  if (!isName(fleet)) {
    throw new CliError(
      "usage",
      `Cannot name a fleet "${fleet}" as names are 1 to 64 of a-z, 0-9 and -, and neither ` +
        '"constructor" nor "prototype"',
      "choose another: --name NAME",
    );
  }
  const { initFleet } = await import("../../author/init_fleet.ts");
  const made = await initFleet(path, { fleet, now: cli.io.now() });
  const keys = Object.fromEntries(
    Object.entries(made.keys).map(([name, { publicKey, keyId, privateFile }]) => [
      name,
      { publicKey, keyId, file: privateFile },
    ]),
  );
  cli.answer({ dir: path, fleet, keys, files: made.files }, () => nextSteps(cli, dir, fleet));
}

/** Where the tasks of this very Writ are. */
const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;

function nextSteps(cli: Cli, dir: string, fleet: string): string {
  const { bold, dim } = cli.out;
  const at = dir === "." ? "" : ` -C ${quoted(dir)}`;
  const dist = "dist/hello-1.0.0";
  return `Made the fleet ${bold(fleet)} in ${cli.path(dir)}.

  keys/      private keys, for you alone; root.pem and accept.pem belong on another machine
  policy/    what may run, what it may touch, who may order it: edit these
  scripts/   an example script, accepted by the policy

Next, where writ stands for "deno task --quiet --config ${CONFIG} writ":

  ${dim("# run the example in the cell an agent would use")}
  writ${at} try scripts/hello --input '{"name": "Ada"}'
  ${dim("# pack it, sign it as its publisher, put it where agents look")}
  writ${at} pack scripts/hello
  writ${at} sign ${dist} --key keys/publisher.pem
  writ${at} publish ${dist} --to published
  ${dim("# look at what the policy says, start the agent, and order from another terminal")}
  writ${at} policy check
  writ${at} agent
  writ${at} order example/hello --input '{"name": "Ada"}' --follow
`;
}

function nameFrom(folder: string): string {
  const name = folder.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(
    0,
    64,
  );
  return isName(name) ? name : "fleet";
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w./@:+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
