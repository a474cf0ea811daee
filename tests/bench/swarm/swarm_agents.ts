import { linesOf } from "../lines.ts";

const PROGRAM = new URL("./agent.ts", import.meta.url).pathname;
const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;

/** As `deno task agent` has it. */
const YOUNG_SPACE = "--v8-flags=--max-semi-space-size=2";

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

class AgentChild implements AsyncDisposable {
  readonly id: string;
  readonly url: string;
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncGenerator<string>;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(
    child: Deno.ChildProcess,
    lines: AsyncGenerator<string>,
    { id, url }: { id: string; url: string },
  ) {
    this.#child = child;
    this.#lines = lines;
    this.#stdin = child.stdin.getWriter();
    this.id = id;
    this.url = url;
  }

  static async start(stateDir: string): Promise<AgentChild> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", YOUNG_SPACE, `--config=${CONFIG}`, PROGRAM, stateDir],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const lines = linesOf(child.stdout);
    const { value, done } = await lines.next();
    if (done) throw new Error("Cannot measure the swarm as an agent ended");
    return new AgentChild(child, lines, JSON.parse(value));
  }

  async ask<T>(command: string): Promise<T> {
    await this.#stdin.write(new TextEncoder().encode(command + "\n"));
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`Cannot measure the swarm as an agent ended: ${command}`);
    return JSON.parse(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stdin.close().catch(() => {});
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 10_000);
    await this.#child.status;
    clearTimeout(timer);
  }
}
