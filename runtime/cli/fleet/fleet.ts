import type { Command } from "commander";
import { dirname } from "node:path";
import { isFile } from "../../author/path_kind.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";

/** The folders of one fleet on this machine. */
export interface Fleet {
  readonly dir: string;
  readonly policy: string;
  readonly keys: string;
  readonly state: string;
  /** What no grant may touch. */
  readonly kept: readonly string[];
}

/** Options of commands that work on a fleet. */
export interface FleetOptions {
  fleet?: string;
  state?: string;
}

/** Adds `--fleet`. */
export function withFleet(command: Command): Command {
  return command.option("--fleet <dir>", "the fleet folder (default: found from here upwards)");
}

/** Options of a command that changes the policy: it asks before it writes. */
export interface ChangeOptions extends FleetOptions {
  yes?: boolean;
}

/** Adds `--yes` and `--fleet`. */
export function withChange(command: Command): Command {
  return withFleet(command.option("--yes", "write without asking"));
}

/** Adds `--fleet` and `--state`. */
export function withState(command: Command): Command {
  return withFleet(command)
    .option("--state <dir>", "the agent's state folder (default: state in the fleet folder)");
}

/**
 * Finds the fleet folder: `--fleet`, else the first folder from here upwards that holds
 * `policy/fleet.yaml`.
 *
 * @throws {CliError} no_fleet – when there is none
 */
export async function findFleet(cli: Cli, options: FleetOptions): Promise<Fleet> {
  const found = await seekFleet(cli, options);
  if (found) return found;
  const where = options.fleet ?? cli.path(".");
  throw new CliError(
    "no_fleet",
    `Cannot find a fleet as there is no policy/fleet.yaml in "${where}"` +
      (options.fleet === undefined ? " or above" : ""),
    "name the folder with --fleet DIR, or make one: writ init DIR",
  );
}

/** As {@linkcode findFleet}; `undefined` when there is none. */
export async function seekFleet(cli: Cli, options: FleetOptions): Promise<Fleet | undefined> {
  const state = options.state === undefined ? undefined : cli.path(options.state);
  if (options.fleet !== undefined) {
    const dir = cli.path(options.fleet);
    return await isFleet(dir) ? fleetAt(dir, state) : undefined;
  }
  for (let dir = cli.path(".");; dir = dirname(dir)) {
    if (await isFleet(dir)) return fleetAt(dir, state);
    if (dir === dirname(dir)) return undefined;
  }
}

/** The state folder alone, which needs no fleet when it is named. */
export async function findState(cli: Cli, options: FleetOptions): Promise<string> {
  if (options.state !== undefined) return cli.path(options.state);
  return (await findFleet(cli, options)).state;
}

function fleetAt(dir: string, state = `${dir}/state`): Fleet {
  const keys = `${dir}/keys`;
  return { dir, policy: `${dir}/policy`, keys, state, kept: [state, keys] };
}

async function isFleet(dir: string): Promise<boolean> {
  return await isFile(`${dir}/policy/fleet.yaml`);
}
