import type { KeyId } from "../../runtime/core/documents/common.ts";
import type { BenchFleet } from "./fleet.ts";
import { linesOf } from "./lines.ts";
import { writ } from "./program.ts";

/** `writ agent` on a state folder of its own. */
export class AgentProcess implements AsyncDisposable {
  readonly id: KeyId;
  readonly url: string;
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess, ready: { agent: KeyId; url: string }) {
    this.#child = child;
    this.id = ready.agent;
    this.url = ready.url;
  }

  /** Resolves when the agent has said that it is ready. */
  static async start(fleet: BenchFleet): Promise<AgentProcess> {
    const options = ["--json", "--listen", "127.0.0.1:0", "--state", fleet.newState()];
    const [command, args] = writ("-C", fleet.folder, "agent", ...options);
    const child = new Deno.Command(command, {
      args,
      env: { DENO_NO_UPDATE_CHECK: "1" },
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const { value, done } = await linesOf(child.stdout).next();
    if (done) throw new Error("Cannot measure the agent as it ended");
    return new AgentProcess(child, JSON.parse(value));
  }

  get pid(): number {
    return this.#child.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
  }
}
