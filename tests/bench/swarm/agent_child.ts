import { linesOf } from "../lines.ts";

const PROGRAM = new URL("./agent.ts", import.meta.url).pathname;
const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;

/** As `deno task agent` has it. */
const YOUNG_SPACE = "--v8-flags=--max-semi-space-size=2";

/** An agent in a process of its own that reads a command a line and answers a line of JSON. */
export class AgentChild implements AsyncDisposable {
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

  /**
   * Starts `agent.ts`.
   *
   * @param downBytes How many it gets a second at most; absent: as many as go.
   */
  static async start(stateDir: string, downBytes?: number): Promise<AgentChild> {
    const limit = downBytes === undefined ? [] : [`${downBytes}`];
    return await AgentChild.of(
      new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", "--quiet", YOUNG_SPACE, `--config=${CONFIG}`],
          ...[PROGRAM, stateDir, ...limit],
        ],
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }),
    );
  }

  /** Starts a program that begins by saying the agent's id and address. */
  static async of(command: Deno.Command): Promise<AgentChild> {
    const child = command.spawn();
    const lines = linesOf(child.stdout);
    const { value, done } = await lines.next();
    if (done) throw new Error("Cannot start an agent: it ended");
    return new AgentChild(child, lines, JSON.parse(value));
  }

  /** As a machine whose plug is pulled. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async ask<T>(command: string): Promise<T> {
    await this.#stdin.write(new TextEncoder().encode(command + "\n"));
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`Cannot ask an agent that ended: ${command}`);
    return JSON.parse(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stdin.close().catch(() => {});
    const timer = setTimeout(() => this.kill(), 10_000);
    await this.#child.status;
    clearTimeout(timer);
  }
}
