/** README's section about the hub, typed as it is written: from nothing to a fleet of three machines. */
import assert from "node:assert/strict";
import { within } from "../within.ts";
import { Reader } from "./reader.ts";
import { commandsOf, readmeText } from "./readme.ts";

const SECTION = "You look after many machines";
const MACHINES = 3;
const README = readmeText();
/** What this section says was done "as above". */
const ABOVE = [
  ...commandsOf(README, "You write scripts").filter((one) => /^writ (init|pack|sign) /.test(one)),
  ...commandsOf(README, "You decide what runs").filter((one) => /^writ policy accept /.test(one)),
];

/**
 * What README leaves to its reader, and what this reader writes there; all else is typed as it is.
 *
 * | in README | here |
 * |---|---|
 * | `0.0.0.0:8790` | any free port |
 * | `hub.example` | 127.0.0.1 |
 * | `ed25519:…` | the key that `writ hub tenant` printed |
 * | `https://hub.example:8790`, `sha256:…` | what `writ hub enrol-token` told to type |
 * | `# the token, on standard input` | what it printed, by a pipe |
 * | `edit FILES # …` | what the comment says, in these files |
 * | `# once for each machine` | three times |
 */
class Provider {
  readonly #reader: Reader;
  /** What machines type, by `writ hub enrol-token`. */
  readonly invited: { token: string; url: string; ca: string }[] = [];
  #hubKey = "";

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  async does(command: string): Promise<string> {
    if (command.startsWith("writ hub --listen ")) {
      const here = command.replace(":8790", ":0").replace("hub.example", "127.0.0.1");
      return await within(this.#reader.leaveRunning(here), "the hub");
    }
    if (command.startsWith("edit ")) return this.#edit(command);
    if (!command.startsWith("writ hub enrol-token ")) return await this.#type(command);
    for (let i = 0; i < MACHINES; i++) this.#invite(await this.#type(command));
    return "";
  }

  async #type(command: string): Promise<string> {
    const output = await typed(this.#reader, command.replace("ed25519:…", this.#hubKey));
    this.#hubKey ||= /ed25519:[\w-]{43}/.exec(output)?.[0] ?? "";
    return output;
  }

  /** `edit policy/fleet.yaml policy/grants/hello.yaml # orderers: …; orders: …` */
  #edit(command: string): string {
    const [, fleet, grant, orders] = /^edit (\S+) (\S+) .*# orderers: .*; (orders: \[.*\])$/
      .exec(command)!;
    const orderer = `orderers:\n  hub:\n    keys: ["${this.#hubKey}"]\n    threshold: 1\n`;
    this.#change(fleet!, (yaml) => yaml.replace("orderers:\n", orderer));
    this.#change(grant!, (yaml) => yaml.replace(/orders: \[.*\]/, orders!));
    return "";
  }

  #change(file: string, change: (yaml: string) => string): void {
    const path = `${this.#reader.cwd}/${file}`;
    const before = Deno.readTextFileSync(path);
    const after = change(before);
    assert.notEqual(after, before, file);
    Deno.writeTextFileSync(path, after);
  }

  #invite(output: string): void {
    const told = /writ enrol (https:\S+) - --hub-ca (sha256:\w{64})/.exec(output);
    const token = /^wenrol_\S+/m.exec(output);
    assert.ok(told && token, output);
    this.invited.push({ url: told[1]!, ca: told[2]!, token: token[0] });
  }
}

/** A machine does what README says, with what it was told. */
async function joins(
  machine: Reader,
  commands: readonly string[],
  { url, ca, token }: Provider["invited"][number],
): Promise<void> {
  for (const command of commands) {
    const here = command.replace("https://hub.example:8790", url).replace("sha256:…", ca);
    if (command.startsWith("writ enrol ")) await typed(machine, `echo ${token} | ${here}`);
    else if (command === "writ agent") {
      // The three machines are one, and an address can be had once.
      const yaml = `${machine.cwd}/policy/fleet.yaml`;
      Deno.writeTextFileSync(yaml, Deno.readTextFileSync(yaml).replace(":8799", ":0"));
      await within(machine.leaveRunning(here), "the agent");
    } else throw new Error(`README has machines type what this test does not know: ${command}`);
  }
}

async function typed(reader: Reader, command: string): Promise<string> {
  const { exit, output } = await within(reader.type(command), command);
  assert.equal(exit, 0, `${command}: ${output}`);
  return output;
}

Deno.test({
  name: "README's section takes a provider from nothing to a fleet of three machines",
  ignore: Deno.build.os !== "linux",
}, async () => {
  const [here, there, order, ...more] = blocksOf(commandsOf(README, SECTION));
  assert.deepEqual(more, []);
  await using closing = new AsyncDisposableStack();
  const reader = closing.use(new Reader(README));
  const provider = new Provider(reader);
  for (const command of [...ABOVE, ...here!]) await provider.does(command);
  assert.equal(provider.invited.length, MACHINES);
  await Promise.all(provider.invited.map(async (invitation) => {
    await joins(closing.use(new Reader(README)), there!, invitation);
  }));
  const output = await provider.does(order![0]!);
  assert.equal(output.match(/ ok: .*Hello, world!/g)?.length, MACHINES, output);
  assert.match(output, new RegExp(`^${MACHINES} ok`, "m"));
});

/** Of the provider, of each machine, and of whoever orders. */
function blocksOf(commands: readonly string[]): string[][] {
  const [enrol, order] = ["writ enrol ", "writ hub order "].map((start) =>
    commands.findIndex((command) => command.startsWith(start))
  );
  assert.ok(0 < enrol! && enrol! < order!);
  return [commands.slice(0, enrol), commands.slice(enrol, order), commands.slice(order)];
}
