import { median } from "../bench/statistics.ts";
import { KilledAgent } from "./kill/killed_agent.ts";
import { KillFleet } from "./kill/kill_fleet.ts";

/** What clients cost that begin a request and never end it. */
export interface SlowReport {
  clients: number;
  /** Resident memory of the agent before and with them, bytes. */
  rssBefore: number;
  rssWith: number;
  /** Median time of a good request meanwhile. */
  answerMs: number;
  /** Processor time of the agent in a second of nothing else. */
  idleCpuMs: number;
}

/** A request that does not end. */
const BEGUN = new TextEncoder().encode("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ");
const REQUESTS = 50;
/** Clock ticks a second: the same on every Linux. */
const TICKS = 100;

/** Holds so many half-sent requests open against a real agent. */
export async function slowClients(count: number): Promise<SlowReport> {
  using fleet = new KillFleet(1);
  const agent = new KilledAgent(fleet, count + 1_000);
  const clients: Deno.TcpConn[] = [];
  try {
    const { url } = await agent.ready;
    const port = Number(new URL(url).port);
    const rssBefore = rssOf(agent.pid);
    for (let i = 0; i < count; i++) {
      const client = await Deno.connect({ hostname: "127.0.0.1", port });
      clients.push(client);
      await client.write(BEGUN);
    }
    const times: number[] = [];
    for (let i = 0; i < REQUESTS; i++) {
      const start = performance.now();
      await (await fetch(`${url}/healthz`)).text();
      times.push(performance.now() - start);
    }
    const before = cpuMsOf(agent.pid);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const idleCpuMs = cpuMsOf(agent.pid) - before;
    const rssWith = rssOf(agent.pid);
    return { clients: count, rssBefore, rssWith, answerMs: median(times), idleCpuMs };
  } finally {
    for (const client of clients) client.close();
    await agent.kill();
  }
}

function rssOf(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

function cpuMsOf(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1000 / TICKS;
}
