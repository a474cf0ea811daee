import type { Command } from "commander";
import type { AgentDetail, AgentSummary } from "../../../hub/mod.ts";
import type { Cli, Registry } from "../../cli.ts";
import { findHub, type HubOptions, withHub } from "../../find_hub.ts";
import { printableJson } from "../../printable.ts";
import { table } from "../../table.ts";

interface ListOptions extends HubOptions {
  standing?: string;
  presence?: string;
  label?: string;
}

/** `writ hub agents`, `approve`, `revoke` and `label`. */
export function addHubAgents(registry: Registry, hub: Command): void {
  const list = registry.command(
    "agents [id]",
    "list the agents, or tell what is known of one",
    "writ hub agents --standing pending",
    hub,
  )
    .option("--standing <word>", "pending, approved or revoked")
    .option("--presence <word>", "online, late, offline or never")
    .option("--label <label>", "only those that have it");
  withHub(list).action(registry.action(showAgents));
  const approve = registry.command(
    "approve <id>",
    "take an agent that waits into the fleet",
    "writ hub approve writ-key:…",
    hub,
  )
    .option("--label <label...>", "labels that it gets at the hub");
  withHub(approve).action(registry.action(approveAgent));
  const revoke = registry.command(
    "revoke <id>",
    "end an agent's part in the fleet, as far as the hub goes",
    "writ hub revoke writ-key:… --reason 'the laptop was lost'",
    hub,
  )
    .requiredOption("--reason <text>", "why, for the audit log");
  withHub(revoke).action(registry.action(revokeAgent));
  const label = registry.command(
    "label <id> [labels...]",
    "give an agent these labels at the hub, and no others",
    "writ hub label writ-key:… office printers",
    hub,
  );
  withHub(label).action(registry.action(labelAgent));
}

async function showAgents(cli: Cli, id: string | undefined, options: ListOptions): Promise<void> {
  const api = await findHub(cli, options);
  if (id !== undefined) {
    const agent = await api.json<AgentDetail>("GET", pathOf(id));
    return cli.answer(agent, () => printableJson(agent, 2));
  }
  const { standing, presence, label } = options;
  const { items } = await api.list<AgentSummary>("/api/v1/agents", { standing, presence, label });
  cli.answer({ items }, () =>
    table(
      ["ID", "NAME", "STANDING", "PRESENCE", "LABELS"],
      items.map(({ id, name, standing, presence, labels, signedLabels, warning }) => [
        id,
        name,
        standing,
        warning ?? presence.state + (presence.reason ? `: ${presence.reason}` : ""),
        [...new Set([...labels, ...signedLabels])].join(" "),
      ]),
      cli.out.dim,
    ));
}

async function approveAgent(
  cli: Cli,
  id: string,
  options: HubOptions & { label?: string[] },
): Promise<void> {
  const body = { ...(options.label && { labels: options.label }) };
  await change(cli, options, "POST", `${pathOf(id)}/approve`, body, "Approved");
}

async function revokeAgent(
  cli: Cli,
  id: string,
  options: HubOptions & { reason: string },
): Promise<void> {
  const body = { reason: options.reason };
  await change(cli, options, "POST", `${pathOf(id)}/revoke`, body, "Revoked");
}

async function labelAgent(
  cli: Cli,
  id: string,
  labels: string[],
  options: HubOptions,
): Promise<void> {
  await change(cli, options, "PUT", `${pathOf(id)}/labels`, { labels }, "Labelled");
}

async function change(
  cli: Cli,
  options: HubOptions,
  method: string,
  path: string,
  body: unknown,
  done: string,
): Promise<void> {
  const api = await findHub(cli, options);
  const agent = await api.json<AgentDetail>(method, path, body);
  cli.answer(agent, () => `${done} ${agent.name} (${agent.id})`);
}

function pathOf(id: string): string {
  return `/api/v1/agents/${encodeURIComponent(id)}`;
}
