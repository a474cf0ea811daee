import type { Command } from "commander";
import { printable } from "../../../core/printable.ts";
import type { AgentBehind, ListedRelease } from "../../../hub/mod.ts";
import { whyLine } from "../../../hub/why_text.ts";
import type { Cli, Registry } from "../../cli.ts";
import { findHub, type HubOptions, withHub } from "../../reach/find_hub.ts";
import type { HubApi } from "../../reach/hub_api.ts";
import { table } from "../../terminal/table.ts";

const PATH = "/api/v1/releases";

/** `writ hub releases`: programs that agents become, and who did not. */
export function addHubReleases(registry: Registry, hub: Command): void {
  const releases = registry.command(
    "releases",
    "list the releases that were rolled out, or the agents that do not run the newest",
    "writ hub releases --behind",
    hub,
  );
  releases.option("--behind", "the agents that do not run the newest one, and why");
  withHub(releases).action(registry.action(showReleases));
}

async function showReleases(
  cli: Cli,
  { behind, ...options }: HubOptions & { behind?: boolean },
): Promise<void> {
  const api = await findHub(cli, options);
  if (behind) return await showBehind(cli, api);
  const { items } = await api.list<ListedRelease>(PATH);
  cli.answer({ items }, () =>
    table(
      ["RELEASE", "WRIT", "DENO", "STATE", "EXPIRES", "ROLLOUT"],
      items.map(({ sequence, version, deno, state, expires, rollout }) => [
        ...[String(sequence), version, deno, state, expires, rollout],
      ]),
      cli.out.dim,
    ));
}

async function showBehind(cli: Cli, api: HubApi): Promise<void> {
  const { items } = await api.list<AgentBehind>(`${PATH}/behind`);
  cli.answer({ items }, () =>
    table(
      ["NAME", "RELEASE", "WRIT", "DENO", "WHY"],
      items.map((agent) => [
        printable(agent.name),
        agent.release === null ? "as installed" : String(agent.release),
        printable(agent.version ?? "not told"),
        printable(agent.deno ?? "not told"),
        whyNot(agent),
      ]),
      cli.out.dim,
    ));
}

function whyNot({ failed, isOffered }: AgentBehind): string {
  if (failed !== null) return printable(whyLine(failed) ?? failed);
  return isOffered ? "offered" : "its turn has not come";
}
