import type { Command } from "commander";
import { AgentClient } from "./agent_client.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./errors.ts";
import { type FleetOptions, seekFleet, withState } from "./fleet.ts";

/** Options of commands that talk to an agent. */
export interface AgentOptions extends FleetOptions {
  agent?: string;
}

/** Adds `--agent`, `--fleet` and `--state`. */
export function withAgent(command: Command): Command {
  return withState(command)
    .option("--agent <url>", "the agent's address (default: the one that uses the state folder)");
}

/**
 * Finds the agent: `--agent`, else the one whose address lies in the state folder; with the
 * operator's token, if this user may read it.
 *
 * @throws {CliError} no_fleet – when neither an address nor a state folder is known
 * @throws {CliError} unreachable – when no agent uses the state folder
 */
export async function findAgent(cli: Cli, options: AgentOptions): Promise<AgentClient> {
  const state = options.state !== undefined
    ? cli.path(options.state)
    : (await seekFleet(cli, options))?.state;
  const token = state && await readLine(`${state}/operator.token`);
  if (options.agent !== undefined) {
    if (!/^https?:\/\/[^/?#]+\/?$/.test(options.agent)) {
      throw new CliError(
        "usage",
        `Cannot use "${options.agent}" as an agent's address`,
        "write it like http://127.0.0.1:8799",
      );
    }
    return new AgentClient(options.agent, token);
  }
  if (state === undefined) {
    throw new CliError(
      "no_fleet",
      "Cannot tell which agent is meant as there is no fleet here or above",
      "give --fleet DIR, --state DIR or --agent URL",
    );
  }
  const url = await readLine(`${state}/agent.url`);
  if (url !== undefined) return new AgentClient(url, token);
  throw new CliError(
    "unreachable",
    `Cannot find an agent as none is running with the state in "${state}"`,
    "start it with: writ agent",
  );
}

async function readLine(path: string): Promise<string | undefined> {
  try {
    return (await Deno.readTextFile(path)).trim() || undefined;
  } catch {
    return undefined;
  }
}
