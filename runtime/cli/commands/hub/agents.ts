import type { Command } from "commander";
import { momentOf } from "../../../core/instant.ts";
import { printable } from "../../../core/printable.ts";
import type { AgentDetail, AgentSummary, Lookalike, ScriptEvent } from "../../../hub/mod.ts";
import type { Cli, Registry } from "../../cli.ts";
import { findHub, type HubOptions, withHub } from "../../reach/find_hub.ts";
import type { HubApi } from "../../reach/hub_api.ts";
import { agentIdOf, approvedIdOf } from "../../reach/hub_names.ts";
import { table } from "../../terminal/table.ts";

/** Events of one agent that are shown. */
const EVENTS = 50;

interface ListOptions extends HubOptions {
  standing?: string;
  presence?: string;
  label?: string;
  events?: boolean;
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
    .option("--label <label>", "only those that have it")
    .option("--events", "of one agent, also the newest events that its scripts told of");
  withHub(list).action(registry.action(showAgents));
  const approve = registry.command(
    "approve <id>",
    "take an agent that waits into the fleet",
    "writ hub approve writ-key:…",
    hub,
  )
    .option("--label <label...>", "labels that it gets at the hub, and no others")
    .option(
      "--replaces <agent>",
      "whose place it takes, by name or id: name, labels, orders that wait",
    );
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
    const path = pathOf(await agentIdOf(api, id));
    const agent = await api.json<AgentDetail>("GET", path);
    if (!options.events) return cli.answer(agent, () => details(cli, agent));
    const { items: events } = await api.list<ScriptEvent>(`${path}/events`, {}, EVENTS);
    return cli.answer(
      { ...agent, events },
      () => `${details(cli, agent)}\n${eventTable(cli, events)}`,
    );
  }
  const { standing, presence, label } = options;
  const { items } = await api.list<AgentSummary>("/api/v1/agents", { standing, presence, label });
  for (const agent of items) if (agent.looksLike) cli.note(proposalOf(agent, agent.looksLike));
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
  options: HubOptions & { label?: string[]; replaces?: string },
): Promise<void> {
  const { label, replaces } = options;
  const api = await findHub(cli, options);
  const body = {
    ...(label && { labels: label }),
    ...(replaces !== undefined && { replaces: await approvedIdOf(api, replaces) }),
  };
  await change(cli, api, { id, method: "POST", path: "approve", body, done: "Approved" });
}

/** What an admin may do about a machine that looks like one that is away. */
function proposalOf({ id, name }: AgentSummary, old: Lookalike): string {
  // A machine chose the name: in a command it is only where a shell makes nothing else of it.
  const named = /^[A-Za-z0-9][\w.-]*$/.test(old.name) ? old.name : old.id;
  return `${printable(name)} looks like ${printable(old.name)}, away since ${
    momentOf(old.since)
  }: writ hub approve ${id} --replaces ${named}`;
}

async function revokeAgent(
  cli: Cli,
  id: string,
  options: HubOptions & { reason: string },
): Promise<void> {
  const body = { reason: options.reason };
  const api = await findHub(cli, options);
  await change(cli, api, { id, method: "POST", path: "revoke", body, done: "Revoked" });
}

async function labelAgent(
  cli: Cli,
  id: string,
  labels: string[],
  options: HubOptions,
): Promise<void> {
  const body = { labels };
  const api = await findHub(cli, options);
  await change(cli, api, { id, method: "PUT", path: "labels", body, done: "Labelled" });
}

async function change(
  cli: Cli,
  api: HubApi,
  { id, method, path, body, done }: Record<"id" | "method" | "path" | "done", string> & {
    body: unknown;
  },
): Promise<void> {
  const whole = pathOf(await agentIdOf(api, id));
  const agent = await api.json<AgentDetail>(method, `${whole}/${path}`, body);
  cli.answer(agent, () => printable(`${done} ${agent.name} (${agent.id})`));
}

function details(cli: Cli, agent: AgentDetail): string {
  const { presence, warning, facts, labels, signedLabels, lastSeen } = agent;
  const rows: [string, string | undefined][] = [
    ["id", agent.id],
    ["name", agent.name],
    ["standing", agent.standing + (agent.revokedFor ? `: ${agent.revokedFor}` : "")],
    ["presence", presence.state + (presence.reason ? `: ${presence.reason}` : "")],
    ["warning", warning ?? undefined],
    ["last seen", lastSeen === null ? undefined : momentOf(lastSeen)],
    ["version", agent.version ?? undefined],
    ["labels", [...new Set([...labels, ...signedLabels])].join(" ")],
    ...facts.map(({ name, value, script }): [string, string] => [
      script === null ? name : `${name} (${script})`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  ];
  const shown = rows.filter((row): row is [string, string] => Boolean(row[1]));
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown
    .map(([name, value]) => `${cli.out.dim(printable(name).padEnd(width))}  ${printable(value)}`)
    .join("\n");
}

function eventTable(cli: Cli, events: readonly ScriptEvent[]): string {
  return table(
    ["TIME", "KIND", "SCRIPT", "EVENT"],
    events.map(({ at, kind, script, name, data }) => [
      momentOf(at),
      kind,
      script,
      `${name} ${JSON.stringify(data)}`,
    ]),
    cli.out.dim,
  );
}

function pathOf(id: string): string {
  return `/api/v1/agents/${encodeURIComponent(id)}`;
}
