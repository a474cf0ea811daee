import { linesOf } from "../lines.ts";

const PROGRAM = new URL("./agent.ts", import.meta.url).pathname;
const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;

interface Figures {
  peakBytes: number;
  sent: number;
  received: number;
}

/** What one swarm came to. */
export interface SwarmReport {
  /** From the first request to the last copy. */
  seconds: number;
  /** Bytes that left the source, as a share of the blob. */
  sourceShare: number;
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
    const before = performance.now();
    const copies = await Promise.all(
      others.map((agent) => agent.ask<{ sha256?: string }>(`pull ${list}`)),
    );
    const seconds = (performance.now() - before) / 1000;
    const figures = await Promise.all(started.map((agent) => agent.ask<Figures>("figures")));
    return {
      seconds,
      sourceShare: figures[0]!.sent / length,
      peakBytes: Math.max(...figures.map(({ peakBytes }) => peakBytes)),
      identical: copies.every((copy) => copy.sha256 === sha256),
    };
  } finally {
    await agents.disposeAsync();
    await Deno.remove(folder, { recursive: true });
  }
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
      args: ["run", "-A", "--quiet", `--config=${CONFIG}`, PROGRAM, stateDir],
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
