import { elapsed } from "./statistics.ts";
import { OrderTarget } from "./orders.ts";
import { memoryOf } from "./proc.ts";

/** The agent measures an empty cell in the background; its own memory is the one after that. */
const SETTLE_MS = 1_000;

/** One start on an empty state folder. */
export interface AgentStart {
  /** Process start until `/healthz` answers, milliseconds. */
  readyMs: number;
  /** Bytes, without any cell. */
  rss: number;
}

export async function startAgentOnce(): Promise<AgentStart> {
  let target: OrderTarget | undefined;
  const readyMs = await elapsed(async () => {
    target = await OrderTarget.open();
    const response = await fetch(`${target.url}/healthz`);
    if (!response.ok) throw new Error(`the agent is not well: ${response.status}`);
    await response.body?.cancel();
  });
  await using agent = target!;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return { readyMs, rss: (await memoryOf(agent.pid)).rss };
}
