import type { KeyId } from "../../../runtime/core/documents/common.ts";
import { payloadType } from "../../../runtime/core/dsse.ts";
import { linesOf } from "../../bench/lines.ts";
import { taskCommand } from "../../real/task_command.ts";
import type { KillFleet } from "./kill_fleet.ts";

/** Where an agent is, once it is ready. */
export interface Ready {
  url: string;
  agent: KeyId;
}

/** A real agent with the rights that its task gives it, to be killed at any moment of its life. */
export class KilledAgent {
  /** Rejects when it ends before it is ready. */
  readonly ready: Promise<Ready>;
  readonly #child: Deno.ChildProcess;
  readonly #errors: Promise<string>;
  #ended = false;

  /** @param descriptors The most that it may have open. */
  constructor(fleet: KillFleet, descriptors = 4_096) {
    this.#child = new Deno.Command("/bin/sh", {
      args: [
        ...["-c", `ulimit -n ${descriptors}; exec "$0" "$@"`, Deno.execPath()],
        ...taskCommand("agent", fleet.path, ["--json", "--no-watch", "--listen", "127.0.0.1:0"]),
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#errors = new Response(this.#child.stderr).text();
    this.ready = readyLine(this.#child.stdout);
    this.ready.catch(() => {});
    this.#child.status.then(() => this.#ended = true);
  }

  get pid(): number {
    return this.#child.pid;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Ends it without a word.
   *
   * @returns what it wrote, if it had ended by itself before.
   */
  async kill(): Promise<string | undefined> {
    const early = this.#ended;
    if (!early) this.#child.kill("SIGKILL");
    await this.#child.status;
    const text = await this.#errors;
    return early ? text : undefined;
  }

  /** Ends it in order. */
  async stop(): Promise<Deno.CommandStatus> {
    this.#child.kill("SIGTERM");
    const status = await this.#child.status;
    await this.#errors;
    return status;
  }
}

/** Reads to the end, so that the agent can go on writing its log. */
async function readyLine(stdout: ReadableStream<Uint8Array>): Promise<Ready> {
  const { promise, resolve, reject } = Promise.withResolvers<Ready>();
  const read = async () => {
    for await (const line of linesOf(stdout)) {
      const found = JSON.parse(line);
      if (found.url && found.agent) resolve(found);
    }
    reject(new Error("the agent ended before it was ready"));
  };
  read().catch(reject);
  return await promise;
}

/**
 * Sends an order.
 *
 * @returns the run's number, the code of a refusal, or nothing when the agent is gone.
 */
export async function sendOrder(
  { url }: Ready,
  envelope: Uint8Array,
): Promise<number | string | undefined> {
  try {
    const response = await fetch(`${url}/v1/orders`, {
      method: "POST",
      headers: { "content-type": payloadType("order") },
      body: new Uint8Array(envelope),
    });
    const answer = await response.json();
    return response.status === 202 ? answer.run : answer.error.code;
  } catch {
    return undefined;
  }
}
