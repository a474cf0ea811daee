import { AgentProcess } from "./agent_process.ts";
import type { BenchFleet } from "./fleet.ts";
import { memoryOf } from "./proc.ts";

/** The agent measures an empty cell in the background; its own memory is the one after that. */
const SETTLE_MS = 1_000;

/** One start on an empty state folder. */
export interface AgentStart {
  /** Process start until `/healthz` has answered, milliseconds. */
  readyMs: number;
  /** Bytes, without any cell. */
  rss: number;
}

export async function startAgentOnce(fleet: BenchFleet): Promise<AgentStart> {
  const start = performance.now();
  await using agent = await AgentProcess.start(fleet);
  const response = await fetch(`${agent.url}/healthz`);
  await response.body?.cancel();
  const readyMs = performance.now() - start;
  if (!response.ok) throw new Error(`the agent is not well: ${response.status}`);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return { readyMs, rss: (await memoryOf(agent.pid)).rss };
}
