import { AgentProcess } from "./agent_process.ts";
import { startAgentOnce } from "./agent_start.ts";
import { BenchFleet } from "./fleet.ts";
import { acceptedPerSecond, CONNECTIONS } from "./orders.ts";
import type { Rounds } from "./rounds.ts";
import type { Row } from "./row.ts";
import { inTurns, median } from "./statistics.ts";

/** The agent as a process: its start, its size, and how fast it takes orders. */
export async function measureAgent(rounds: Rounds): Promise<Row[]> {
  await using fleet = await BenchFleet.make();
  const perSecond = await measureOrders(fleet, rounds);
  const [starts] = await inTurns(rounds.agentStarts, [() => startAgentOnce(fleet)]);
  return [
    {
      what: "signed orders accepted",
      value: median(perSecond),
      unit: "orders/s",
      target: { of: "value", most: false, limit: 1_500 },
      note: `each verified and on disk before its 202, ${CONNECTIONS} connections, the client on ` +
        "the same machine; due later, so that no run is under way.",
    },
    {
      what: "agent ready",
      value: median(starts!.map(({ readyMs }) => readyMs)),
      unit: "ms",
      target: { of: "value", most: true, limit: 300 },
    },
    {
      what: "agent without cells, RSS",
      value: median(starts!.map(({ rss }) => rss / 1e6)),
      unit: "MB",
      target: { of: "value", most: true, limit: 80 },
    },
  ];
}

async function measureOrders(fleet: BenchFleet, { orderTurns, orders }: Rounds): Promise<number[]> {
  await using agent = await AgentProcess.start(fleet);
  const [perSecond] = await inTurns(orderTurns, [() => acceptedPerSecond(fleet, agent, orders)]);
  return perSecond!;
}
