import type { Command } from "commander";
import type { Selection } from "../../hub/mod.ts";
import { CliError } from "../errors.ts";
import type { HubApi } from "../reach/hub_api.ts";
import { agentIdOf } from "../reach/hub_names.ts";

/** For whom an order of a hub's is. */
export interface SelectionOptions {
  to?: string[];
  label?: string[];
  all?: boolean;
}

/** @throws {CliError} usage – it is for nobody, or in two ways */
export function requireOneSelection({ to, label, all }: SelectionOptions): void {
  const given = [to, label, all].filter((option) => option !== undefined);
  if (given.length === 1) return;
  throw new CliError("usage", "Cannot tell who is meant: give one of --to, --label and --all");
}

/** Adds `--to`, `--label` and `--all`. */
export function withSelection(command: Command): Command {
  return command
    .option("--to <agent...>", "agents, by name or id")
    .option("--label <label...>", "agents that have one of these labels")
    .option("--all", "every agent");
}

/** The selection that the options mean. @throws {CliError} refused – no agent is called so */
export async function selectionOf(
  api: HubApi,
  { to, label }: SelectionOptions,
): Promise<Selection> {
  if (to) return { agents: await Promise.all(to.map((agent) => agentIdOf(api, agent))) };
  return label ? { labels: label } : "all";
}
