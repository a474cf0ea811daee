import { Buffer } from "node:buffer";
import { generateSigner } from "../../runtime/core/key.ts";
import { linesOf } from "./lines.ts";

const FILE = (name: string) => new URL(name, import.meta.url).href;
export const CONNECTIONS = 32;

/** An agent to send orders to. */
export class OrderTarget implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #agent: { id: string; url: string };
  readonly #key: string;

  private constructor(
    child: Deno.ChildProcess,
    folder: string,
    agent: { id: string; url: string },
    key: string,
  ) {
    this.#child = child;
    this.#folder = folder;
    this.#agent = agent;
    this.#key = key;
  }

  static async open(): Promise<OrderTarget> {
    const folder = await Deno.makeTempDir({ prefix: "writ-bench-" });
    const signer = generateSigner();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", FILE("agent_process.ts"), `${folder}/state`, signer.publicKey],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const { value, done } = await linesOf(child.stdout).next();
    if (done) throw new Error("Cannot measure orders as the agent ended");
    const key = Buffer.from(signer.pkcs8()).toString("base64");
    return new OrderTarget(child, folder, JSON.parse(value), key);
  }

  get url(): string {
    return this.#agent.url;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Orders a second that were verified, stored with an fsync, and acknowledged. */
  async acceptedPerSecond(count: number): Promise<number> {
    const { id: agent, url } = this.#agent;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", FILE("order_client.ts")],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const request = { url, agent, key: this.#key, count, connections: CONNECTIONS };
    const input = child.stdin.getWriter();
    await input.write(new TextEncoder().encode(JSON.stringify(request)));
    await input.close();
    const { success, stdout } = await child.output();
    if (!success) throw new Error("Cannot measure orders as the client failed");
    return count / JSON.parse(new TextDecoder().decode(stdout)).seconds;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close();
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}
