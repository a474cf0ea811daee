import { initFleet, readSigner } from "../../runtime/author/mod.ts";
import { linesOf } from "../bench/lines.ts";
import { descendantsOf } from "../bench/proc.ts";
import { writ } from "../bench/program.ts";
import { freePort } from "../free_port.ts";
import { acceptPrint, editPolicy, grantPrint } from "./print_policy.ts";

/** What the agent's print script is granted. */
export interface QueueAgentOptions {
  /** `host:port` of each printer. */
  readonly printers: readonly string[];
  /** The grant's settings, as JSON. */
  readonly settings: unknown;
  /** Other agents: their name, address, id. */
  readonly peers?: readonly { name: string; url: string; id: string }[];
  readonly port?: number;
}

/**
 * An agent in a process of its own, with `acme/print` packed, signed, published, accepted and
 * granted, as an administrator does it. It can be killed and started again.
 */
export class QueueAgent implements AsyncDisposable {
  readonly dir: string;
  readonly #options: QueueAgentOptions;
  readonly #port: number;
  #child: Deno.ChildProcess | undefined;
  /** The agent's own words, for a failing test to show. */
  readonly output: string[] = [];
  id = "";

  private constructor(dir: string, options: QueueAgentOptions) {
    this.dir = dir;
    this.#options = options;
    this.#port = options.port ?? freePort();
  }

  static async start(options: QueueAgentOptions): Promise<QueueAgent> {
    const dir = await Deno.makeTempDir({ prefix: "writ-queue-" });
    const agent = new QueueAgent(dir, options);
    try {
      await initFleet(dir, { fleet: "printing", now: Date.now() });
      await acceptPrint(dir);
      await agent.#grant();
      await agent.begin();
      return agent;
    } catch (error) {
      await agent[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where clients print to. */
  get uri(): string {
    return `ipp://127.0.0.1:${this.#port}/ipp/print`;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    return this.#child!.pid;
  }

  /** The agent's public key, as a policy names it. */
  async publicKey(): Promise<string> {
    return (await readSigner(`${this.dir}/state/agent.key`)).publicKey;
  }

  /** Starts the process; resolves when it says that it is ready. */
  async begin(): Promise<void> {
    const [command, args] = writ(
      ...["-C", this.dir, "agent", "--json", "--listen", `127.0.0.1:${this.#port}`],
    );
    this.#child = new Deno.Command(command, { args, stdout: "piped", stderr: "piped" }).spawn();
    void this.#hear(this.#child.stderr);
    const lines = linesOf(this.#child.stdout);
    const { value, done } = await lines.next();
    const id = done ? undefined : JSON.parse(value).agent;
    if (!id) throw new Error(`the agent is not ready: ${value}\n${this.output.join("")}`);
    this.id = id;
    void this.#rest(lines);
  }

  /** Lets another agent order from here, by its public key; the agent starts again with that. */
  async allow(key: string): Promise<void> {
    await editPolicy(this.dir, "fleet.yaml", (text) =>
      text.replace(
        /(orderers:\n {2}operator:\n.*\n.*\n)/,
        `$1  agents:\n    keys: [${key}]\n    threshold: 1\n`,
      ));
    await editPolicy(
      this.dir,
      "grants/print.yaml",
      (text) => text.replace("[operator]", "[operator, agents]"),
    );
    this.#child?.kill("SIGTERM");
    await this.#child?.status;
    await this.begin();
  }

  /** Stops the process as a service manager does; how long that took, milliseconds. */
  async stop(): Promise<number> {
    const began = performance.now();
    this.#child?.kill("SIGTERM");
    await this.#child?.status;
    return performance.now() - began;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.status;
  }

  /** `kill -9` of its cells alone, which it starts again by itself. */
  async killCells(): Promise<void> {
    const cells = await descendantsOf(this.pid, ([program = ""]) => program.endsWith("/deno"));
    for (const pid of cells) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error; // ended meanwhile
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child?.kill("SIGTERM");
    } catch (error) {
      // It was killed; Deno says so with a TypeError.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child?.status;
    await Deno.remove(this.dir, { recursive: true });
  }

  async #hear(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.output.push(text);
  }

  async #rest(lines: AsyncGenerator<string>): Promise<void> {
    for await (const line of lines) this.output.push(`${line}\n`);
  }

  async #grant(): Promise<void> {
    const { printers, settings, peers = [] } = this.#options;
    const net = `net: [${printers.map(netEntry).join(", ")}]`;
    await editPolicy(this.dir, "fleet.yaml", (text) =>
      text.replace("net: []", net)
        .replace("runs: 8", "runs: 32") +
      (peers.length > 0 ? `\npeers: ${JSON.stringify(peers)}\n` : ""));
    await grantPrint(
      this.dir,
      `script: acme/print
orders: [operator]
permissions:
  ${net}
serve: { allow: [loopback], alias: /ipp/print, body: 1 GB, wall: 10 min }
capabilities: { store: { quota: 50 MB }, blobs: { quota: 2 GB }, peers: {} }
settings: ${JSON.stringify(settings)}
limits: { memory: 128 MB, cpu: 30 s, wall: 10 min, output: 1 MB, runs: 16 }
life: live
`,
    );
  }
}

/** A name of this machine is an internal one, and must be said to be. */
function netEntry(address: string): string {
  return /^[\d.]+:/.test(address) ? `"${address}"` : `{ address: "${address}", internal: true }`;
}
