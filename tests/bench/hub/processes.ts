import type { AgentCounts, FromHubProcess, ToHubProcess } from "./wire.ts";
import { linesFrom } from "./wire.ts";
import { LIMITS, type Row } from "./report.ts";

const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;

/** One program of this measurement, asked and answered line by line. */
class Child {
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncGenerator<unknown>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(script: string, args: readonly string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", "--config", CONFIG, "--v8-flags=--expose-gc"],
        new URL(script, import.meta.url).pathname,
        ...args,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#lines = linesFrom(this.#child.stdout);
    this.#writer = this.#child.stdin.getWriter();
  }

  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  async ask(question: unknown): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(JSON.stringify(question) + "\n"));
  }

  async answer<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("it ended");
    return value as T;
  }

  end(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
}

/** The hub that is measured. */
export class HubProcess {
  readonly #child: Child;
  readonly #token: string;
  readonly url: string;
  readonly id: string;

  private constructor(child: Child, ready: { url: string; id: string; token: string }) {
    this.#child = child;
    this.url = ready.url;
    this.id = ready.id;
    this.#token = ready.token;
  }

  static async start(
    stateDir: string,
    port: number,
    database: string | undefined,
  ): Promise<HubProcess> {
    const child = new Child("./hub_process.ts", [
      ...[stateDir, String(port)],
      ...database === undefined ? [] : [database],
    ]);
    const { ready } = await child.answer<Extract<FromHubProcess, { ready: unknown }>>();
    return new HubProcess(child, ready);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get gone(): Promise<unknown> {
    return this.#child.status;
  }

  end(): void {
    this.#child.end();
  }

  async memory(): Promise<{ rss: number; heap: number }> {
    await this.#ask({ ask: "memory" });
    return (await this.#child.answer<{ memory: { rss: number; heap: number } }>()).memory;
  }

  async enrol(keys: readonly string[]): Promise<void> {
    await this.#ask({ ask: "enrol", keys });
    await this.#child.answer();
  }

  async addRows(count: number): Promise<void> {
    await this.#ask({ ask: "rows", count });
    await this.#child.answer();
  }

  async order(): Promise<string> {
    const body = {
      script: { name: "acme/echo", range: "*" },
      ...{ select: "all", expiresMs: 600_000 },
    };
    return (await this.#call<{ id: string }>("POST", "/api/v1/orders", body)).id;
  }

  /** Until so many runs of an order have ended. */
  async ended(id: string, count: number): Promise<void> {
    for (;;) {
      const { counts } = await this.#call<{ counts: { ended: number } }>(
        "GET",
        `/api/v1/orders/${id}`,
      );
      if (counts.ended >= count) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Until the hub says that so many agents are online. */
  async online(count: number): Promise<void> {
    for (;;) {
      const { online } = await this.#call<{ online: number }>("GET", "/api/v1/overview");
      if (online >= count) return;
      // A question about all agents costs as much as ten of them that connect.
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  /** The questions that the first page of the console asks. */
  async overview(push: (...row: Row) => void, name: string): Promise<void> {
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      const begun = performance.now();
      await this.#call("GET", "/api/v1/overview");
      await this.#call("GET", "/api/v1/agents?limit=50");
      await this.#call("GET", "/api/v1/orders?limit=20");
      times.push(performance.now() - begun);
    }
    const median = times.sort((a, b) => a - b)[times.length >> 1]!;
    push(name, Math.round(median), "ms", LIMITS.OVERVIEW_MS);
  }

  async #ask(question: ToHubProcess): Promise<void> {
    await this.#child.ask(question);
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return await response.json();
  }
}

/** A process of many simulated agents. */
export class AgentsProcess {
  readonly #child: Child;
  readonly keys: readonly string[];

  private constructor(child: Child, keys: readonly string[]) {
    this.#child = child;
    this.keys = keys;
  }

  static async start(count: number): Promise<AgentsProcess> {
    const child = new Child("./agents_process.ts", [String(count)]);
    const { keys } = await child.answer<{ keys: string[] }>();
    return new AgentsProcess(child, keys);
  }

  async begin({ url, id }: HubProcess): Promise<void> {
    await this.#child.ask({ ask: "begin", url, id });
  }

  /** What happened since it was asked last. */
  async counts(): Promise<AgentCounts> {
    await this.#child.ask({ ask: "counts" });
    return await this.#child.answer<AgentCounts>();
  }

  end(): void {
    this.#child.end();
  }
}
