import type { RunRecord } from "../../agent/mod.ts";
import { printable, printableLines } from "../../core/printable.ts";
import { wholeNumber } from "../arguments/whole_number.ts";
import type { Cli, Registry } from "../cli.ts";
import { CliError } from "../errors.ts";
import { AgentRefusal } from "../reach/agent_client.ts";
import type { AgentClient } from "../reach/agent_client.ts";
import { type AgentOptions, findAgent, withAgent } from "../reach/find_agent.ts";

/** `writ why`: why a run was refused, or ended as it did, and what an admin may do about it. */
export function addWhy(registry: Registry): void {
  const command = registry.command(
    "why [run]",
    "say why a run ended as it did, by which rule, and what an admin may do " +
      "(default: the last one that did not end well)",
    "writ why 17",
  );
  withAgent(command).action(registry.action(runWhy));
}

async function runWhy(cli: Cli, run: string | undefined, options: AgentOptions): Promise<void> {
  const { explainRun } = await import("../why/explain_run.ts");
  const agent = await findAgent(cli, options);
  const record = await readRun(agent, run);
  const reason = explainRun(record);
  const { digest } = await agent.json<{ digest: string }>("/v1/policy");
  // Refused before it began, a run names no policy: then it is not known whether it changed.
  const changed = record.policy !== null && record.policy !== digest;
  const { script, version, order, orderer, policy } = record;
  cli.answer({ ...reason, script, version, order, orderer, policy, policyChanged: changed }, () => {
    const { bold, dim, red, green, cyan } = cli.out;
    const paint = reason.outcome === "ok" ? green : reason.outcome === null ? bold : red;
    const label = (text: string) => dim(text.padEnd(8));
    return [
      `${bold(`run ${record.id}`)} of ${script}${version ? ` ${version}` : ""}: ` +
      paint(reason.rule ?? record.state),
      `${label("rule")} ${reason.because}`,
      `${label("found")} ${printableLines(reason.found, " ".repeat(9))}`,
      `${label("order")} ${order} by ${printable(orderer)}`,
      ...(changed ? [`${label("policy")} it has changed since: writ audit tail`] : []),
      ...reason.admin.map((step) => `${cyan("you may")}  ${printable(step)}`),
    ].join("\n");
  });
}

async function readRun(agent: AgentClient, text: string | undefined): Promise<RunRecord> {
  if (text === undefined) {
    const { runs } = await agent.json<{ runs: RunRecord[] }>("/v1/runs?limit=500");
    const last = runs.find(({ outcome }) => outcome && outcome.outcome !== "ok");
    if (last) return await agent.json<RunRecord>(`/v1/runs/${last.id}`);
    throw new CliError("refused", "Cannot find a run that did not end well", "give a run's number");
  }
  const run = wholeNumber("a run's number", text);
  return await agent.json<RunRecord>(`/v1/runs/${run}`).catch((error) => {
    if (!(error instanceof AgentRefusal) || error.code !== "not_found") throw error;
    throw new CliError(
      "refused",
      `Cannot find run ${text}`,
      "writ runs shows them; an order that was refused has none: writ policy pending",
    );
  });
}
