import type { Command } from "commander";
import type { RunRecord } from "../../agent/mod.ts";
import { instantOf } from "../../core/instant.ts";
import { printable } from "../../core/printable.ts";
import { wholeNumber } from "../arguments/whole_number.ts";
import type { Cli, Registry } from "../cli.ts";
import { CliError } from "../errors.ts";
import { type AgentClient, AgentRefusal } from "../reach/agent_client.ts";
import { type AgentOptions, findAgent, withAgent } from "../reach/find_agent.ts";
import { findHub, type HubOptions, withHub } from "../reach/find_hub.ts";
import { costWords, cpuWords } from "../runs/cost_words.ts";
import { describeOutcome } from "../runs/outcome_words.ts";
import { showRun } from "../runs/show_run.ts";
import { type PassphraseOptions, readSigners, withPassphrase } from "../signing/keys.ts";
import { table } from "../terminal/table.ts";

interface RunOptions extends AgentOptions, HubOptions, PassphraseOptions {
  key?: string;
}

interface Options extends RunOptions {
  follow?: boolean;
  limit: string;
}

/** `writ runs`: what an agent ran, and a way to end it. */
export function addRuns(registry: Registry): void {
  const runs = registry.command(
    "runs [id]",
    "show the last runs, or one of them; at a hub, orders and their runs",
    "writ runs 17",
  )
    .option("--follow", "follow the run as it goes")
    .option("--limit <count>", "how many runs to list", "20");
  withCaller(runs).action(registry.action(runRuns));
  const cancel = registry.command("cancel <id>", "end a run early", "writ runs cancel 17", runs);
  withCaller(cancel).action(registry.action(runCancel));
}

/** Adds what tells the agent, and who asks it: the operator by token, an orderer by key. */
function withCaller(command: Command): Command {
  return withHub(
    withAgent(withPassphrase(command)),
    "ask a hub, of an order by its id: its address",
  )
    .option("--key <file>", "ask as an orderer, with its private key: shows its own runs alone");
}

async function findAsCaller(cli: Cli, options: RunOptions): Promise<AgentClient> {
  if (options.key === undefined) return await findAgent(cli, options);
  const [signer] = await readSigners(cli, [options.key], options);
  return await findAgent(cli, options, { signer, asOrderer: true });
}

async function runRuns(cli: Cli, id: string | undefined, options: Options): Promise<number> {
  if (options.hub !== undefined) return await runsAtHub(cli, id, options);
  const agent = await findAsCaller(cli, options);
  if (id === undefined) {
    const limit = wholeNumber("--limit", options.limit);
    const { runs } = await agent.json<{ runs: RunRecord[] }>(`/v1/runs?limit=${limit}`);
    cli.answer({ runs }, () => runs.length === 0 ? "No runs yet" : listing(cli, runs));
    return 0;
  }
  const number = wholeNumber("a run's number", id);
  if (options.follow) return await showRun(cli, agent, number).catch(unknownRun(number));
  const run = await agent.json<RunRecord>(`/v1/runs/${number}`).catch(unknownRun(number));
  cli.answer(run, () => details(cli, run));
  return 0;
}

async function runsAtHub(cli: Cli, id: string | undefined, options: Options): Promise<number> {
  const api = await findHub(cli, options);
  const { listHubOrders, showHubOrder } = await import("../hub_orders/show_orders.ts");
  if (id === undefined) {
    await listHubOrders(cli, api, options.limit);
    return 0;
  }
  if (options.follow) {
    return await (await import("../hub_orders/follow_order.ts")).followHubOrder(cli, api, id);
  }
  await showHubOrder(cli, api, id, { log: true });
  return 0;
}

async function runCancel(cli: Cli, id: string, options: RunOptions): Promise<number> {
  if (options.hub !== undefined) {
    const { cancelHubOrder } = await import("../hub_orders/show_orders.ts");
    return await cancelHubOrder(cli, await findHub(cli, options), id);
  }
  const agent = await findAsCaller(cli, options);
  const number = wholeNumber("a run's number", id);
  const answer = await agent.json<{ run: number; cancelled: boolean }>(
    `/v1/runs/${number}/cancel`,
    { method: "POST" },
  ).catch(unknownRun(number));
  cli.answer(answer, () => answer.cancelled ? `Run ${id} is cancelled` : `Run ${id} had ended`);
  return answer.cancelled ? 0 : 1;
}

function unknownRun(id: number): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof AgentRefusal) || error.code !== "not_found") throw error;
    throw new CliError("refused", `Cannot find run ${id}`, "writ runs shows the last ones");
  };
}

function listing(cli: Cli, runs: readonly RunRecord[]): string {
  return table(
    ["RUN", "STATE", "SCRIPT", "BY", "SINCE", "CPU", "DUE"],
    runs.map((run) => [
      String(run.id),
      run.outcome?.outcome ?? run.state,
      `${run.script}${run.version === null ? "" : ` ${run.version}`}`,
      run.orderer,
      instantOf(run.created),
      run.figures === null ? "" : cpuWords(run.figures),
      waitsUntil(run) ?? "",
    ]),
    cli.out.dim,
  );
}

/** When a run that waits for its time may begin. */
function waitsUntil({ state, due }: RunRecord): string | undefined {
  return state === "accepted" && due !== null ? instantOf(due) : undefined;
}

function details(cli: Cli, run: RunRecord): string {
  const { outcome, figures } = run;
  const ended = outcome && {
    outcome: outcome.outcome,
    detail: outcome.outcome === "ok" ? null : outcome.detail,
    cpuMs: 0,
    wallMs: 0,
    peakBytes: 0,
    level: null,
  };
  const lines: [string, string | undefined][] = [
    ["run", `${run.id}${run.attempt > 1 ? ` (attempt ${run.attempt}, after ${run.retryOf})` : ""}`],
    ["state", ended ? `${ended.outcome}${describeOutcome(ended)}` : run.state],
    ["script", `${run.script} ${run.version ?? ""}`],
    ["order", `${run.order} by ${run.orderer}`],
    ["accepted", instantOf(run.created)],
    ["due", waitsUntil(run)],
    ["started", run.started === null ? undefined : instantOf(run.started)],
    ["ended", run.ended === null ? undefined : instantOf(run.ended)],
    ["module", run.module ?? undefined],
    ["policy", run.policy ?? undefined],
    ["level", run.level === null ? undefined : String(run.level)],
    [
      "figures",
      figures === null ? undefined : costWords(figures),
    ],
    ["result", outcome?.outcome === "ok" ? printable(JSON.stringify(outcome.result)) : undefined],
  ];
  return lines.filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${cli.out.dim(name.padEnd(9))} ${value}`).join("\n");
}
