import { AgentChild } from "./agent_child.ts";

interface Figures {
  peakBytes: number;
  sent: number;
  received: number;
  cpuSeconds: number;
}

/** What one swarm came to. */
export interface SwarmReport {
  /** From the first request to the last copy. */
  seconds: number;
  /** Bytes that left the source, as a share of the blob. */
  sourceShare: number;
  /** What the agents, apart from their cells, took of processors meanwhile. */
  cpuSeconds: number;
  /** The agent with the most memory. */
  peakBytes: number;
  /** Whether every copy has the digest of the original. */
  identical: boolean;
}

/** Has one agent share a blob and `count` others get it at the same time, each a process. */
export async function swarmOfAgents(count: number, length: number): Promise<SwarmReport> {
  const folder = await Deno.makeTempDir();
  await using agents = new AsyncDisposableStack();
  try {
    const started = await Promise.all(
      Array.from({ length: count + 1 }, (_, i) => AgentChild.start(`${folder}/${i}`)),
    );
    for (const agent of started) agents.use(agent);
    const peers = started.map(({ id, url }, i) => ({ name: `agent-${i}`, id, url, labels: [] }));
    await Deno.writeTextFile(`${folder}/peers.json`, JSON.stringify(peers));
    for (const agent of started) await agent.ask(`peers ${folder}/peers.json`);
    const [source, ...others] = started as [AgentChild, ...AgentChild[]];
    const { list, sha256 } = await source.ask<{ list: string; sha256: string }>(`put ${length}`);
    await Promise.all(others.map((agent) => agent.ask("warm")));
    const figuresOf = () => Promise.all(started.map((agent) => agent.ask<Figures>("figures")));
    const figuresBefore = await figuresOf();
    const before = performance.now();
    const copies = await Promise.all(
      others.map((agent) => agent.ask<{ sha256?: string; failed?: unknown }>(`pull ${list}`)),
    );
    const failed = copies.find((copy) => copy.failed)?.failed;
    if (failed) throw new Error(`Cannot measure the swarm: ${JSON.stringify(failed)}`);
    const seconds = (performance.now() - before) / 1000;
    const figures = await figuresOf();
    return {
      seconds,
      sourceShare: figures[0]!.sent / length,
      cpuSeconds: sumOf(figures) - sumOf(figuresBefore),
      peakBytes: Math.max(...figures.map(({ peakBytes }) => peakBytes)),
      identical: copies.every((copy) => copy.sha256 === sha256),
    };
  } finally {
    await agents.disposeAsync();
    await Deno.remove(folder, { recursive: true });
  }
}

function sumOf(figures: readonly Figures[]): number {
  return figures.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}
