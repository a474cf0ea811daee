import { fileURLToPath } from "node:url";
import type { KeyId } from "../../runtime/core/documents/common.ts";
import { payloadType } from "../../runtime/core/dsse.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import type { RunRecord } from "../../runtime/agent/store/runs.ts";
import { linesOf } from "../bench/lines.ts";
import type { SoakPlace } from "./place.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const TOOLS = ["/usr/bin/setpriv", "/usr/bin/bash", "/bin/setpriv", "/bin/bash"];

/** A real agent in a process of its own, with the rights that `deno task agent` gives it. */
export class SoakAgent {
  readonly pid: number;
  readonly id: KeyId;
  readonly #child: Deno.ChildProcess;
  readonly #url: string;
  readonly #token: string;
  #client = Deno.createHttpClient({});

  private constructor(
    child: Deno.ChildProcess,
    ready: { url: string; agent: KeyId },
    token: string,
  ) {
    this.#child = child;
    this.pid = child.pid;
    this.id = ready.agent;
    this.#url = ready.url;
    this.#token = token;
  }

  /** @param flags More flags of Deno's. */
  static async start(
    place: Pick<SoakPlace, "dir" | "state" | "temporary">,
    flags: readonly string[] = [],
  ): Promise<SoakAgent> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", "--ignore-env", "--allow-read", "--allow-net"],
        ...flags,
        `--allow-write=${place.dir},/var/cache/writ`,
        "--allow-sys=uid",
        `--allow-run=${[...TOOLS, Deno.execPath()].join(",")}`,
        ...[MAIN, "--json", "agent", "--fleet", place.dir, "--listen", "127.0.0.1:0"],
      ],
      env: { TMPDIR: place.temporary },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const { value, done } = await linesOf(child.stdout).next();
    if (done) throw new Error("Cannot soak as the agent did not start");
    const token = await Deno.readTextFile(statePaths(place.state).token);
    return new SoakAgent(child, JSON.parse(value), token.trim());
  }

  /** @returns The run's number, or the code of the refusal. */
  async order(envelope: Uint8Array): Promise<number | string> {
    const response = await this.#ask("/v1/orders", {
      method: "POST",
      headers: { "content-type": payloadType("order") },
      body: new Uint8Array(envelope),
    });
    const answer = await response.json();
    return response.status === 202 ? answer.run : answer.error.code;
  }

  /** Stores a document, if it is not there yet. */
  async store(digest: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const response = await this.#ask(`/v1/blobs/${digest}`, { method: "PUT", body: bytes });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`a document was refused: ${response.status}`);
  }

  /**
   * Follows a run's events to their end.
   *
   * @param onRunning Called when it begins.
   * @returns How often each kind of event came.
   */
  async follow(run: number, onRunning: () => void): Promise<Map<string, number>> {
    const response = await this.#ask(`/v1/runs/${run}/events`);
    const counts = new Map<string, number>();
    let event = "";
    for await (const line of linesOf(response.body!)) {
      if (line.startsWith("event: ")) {
        event = line.slice("event: ".length);
        counts.set(event, (counts.get(event) ?? 0) + 1);
      }
      if (event === "state" && line.includes('"state":"running"')) onRunning();
    }
    return counts;
  }

  async cancel(run: number): Promise<void> {
    await (await this.#ask(`/v1/runs/${run}/cancel`, { method: "POST" })).body?.cancel();
  }

  async run(run: number): Promise<RunRecord> {
    return await (await this.#ask(`/v1/runs/${run}`)).json();
  }

  /** All runs that the agent knows, newest first. */
  async *runs(): AsyncGenerator<RunRecord> {
    let before = "";
    while (true) {
      const { runs } = await (await this.#ask(`/v1/runs?limit=500${before}`)).json();
      yield* runs;
      if (runs.length === 0) return;
      before = `&before=${runs.at(-1).id}`;
    }
  }

  /** Closes this side's connections, so that those on the agent's side are its own affair. */
  disconnect(): void {
    this.#client.close();
    this.#client = Deno.createHttpClient({});
  }

  async stop(): Promise<Deno.CommandStatus> {
    this.#client.close();
    this.#child.kill("SIGTERM");
    return await this.#child.status;
  }

  #ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${this.#token}`);
    return fetch(`${this.#url}${path}`, { ...init, headers, client: this.#client });
  }
}
