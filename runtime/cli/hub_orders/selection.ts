import type { Command } from "commander";
import * as v from "valibot";
import { keyIdSchema } from "../../core/documents/common.ts";
import type { Selection } from "../../hub/mod.ts";
import { CliError } from "../errors.ts";
import type { HubApi } from "../reach/hub_api.ts";
import { approvedIdOf } from "../reach/hub_names.ts";

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
  if (to) return { agents: await Promise.all(to.map((agent) => approvedIdOf(api, agent))) };
  return label ? { labels: label } : "all";
}

/**
 * The same for an order that is signed here: a hub that was taken over must not choose for whom.
 *
 * @throws {CliError} usage – it is for all, or for agents by other words than their ids
 */
export function signedSelectionOf({ to, label }: SelectionOptions): Exclude<Selection, "all"> {
  if (label) return { labels: label };
  if (!to) {
    const hint = "name agents or labels: whoever signs says for whom";
    throw new CliError("usage", "Cannot sign an order for agents that are not named", hint);
  }
  return {
    agents: to.map((agent) => {
      if (v.is(keyIdSchema, agent)) return agent;
      const hint = "write its id whole, as it printed it when it enrolled, or a label of the list";
      const found = `Cannot sign an order for "${agent}" as the hub alone says who is called so`;
      throw new CliError("usage", found, hint);
    }),
  };
}
