import { type LogLine, logLineOf } from "../../author/log_line.ts";
import { printableJson } from "../../core/printable.ts";
import type { Cli } from "../cli.ts";
import type { AgentClient } from "../reach/agent_client.ts";
import { catchInterrupt } from "../terminal/io.ts";
import { type FollowedEvent, followRun } from "./follow_run.ts";
import type { EndedRun } from "./outcome_words.ts";
import { RunLines } from "./run_lines.ts";

/**
 * Follows a run and shows it: each thing it says on stderr, its result on stdout; with `--json`
 * one value with the fields of `writ try`, and the run's number.
 *
 * @param extra Further fields of the JSON value.
 * @returns 0 only for the outcome `ok`.
 */
export async function showRun(
  cli: Cli,
  agent: AgentClient,
  run: number,
  extra: Record<string, unknown> = {},
): Promise<number> {
  using interrupt = catchInterrupt(cli.io);
  const lines = new RunLines(cli);
  const logs: LogLine[] = [];
  const onEvent = (event: FollowedEvent) => {
    if (event.type === "outcome" || event.type === "state") return;
    if (event.type === "dropped") {
      return lines.event({ type: "log", level: "warn", text: `${event.count} lines were dropped` });
    }
    logs.push(logLineOf(event));
    lines.event(event);
  };
  try {
    const end = await followRun(agent, run, { signal: interrupt.signal, onEvent });
    const { cpuMs = 0, wallMs = 0, peakBytes = 0, level = null, shared } = end.figures ?? {};
    const ok = end.outcome === "ok";
    const detail = end.outcome === "ok" ? null : end.detail;
    const cost = { cpuMs, wallMs, peakBytes, level, ...(shared && { shared }) };
    const ended: EndedRun = { outcome: end.outcome, detail, ...cost };
    const result = end.outcome === "ok" ? end.result : null;
    lines.end(ended);
    const { outcome, ...figures } = ended;
    cli.answer(
      { run, ...extra, outcome, result, ...figures, logs },
      () => ok ? printableJson(result, 2) : "",
    );
    return ok ? 0 : 1;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    cli.note(
      `The run goes on. Look at it with: writ runs ${run}; end it with: writ runs cancel ${run}`,
    );
    cli.answer({ run, ...extra, outcome: null }, () => "");
    return 1;
  }
}
