import { fromFileUrl } from "../paths.ts";
import type { Control } from "../attack.ts";
import type { Canaries, Targets } from "../canaries.ts";
import type { Observation } from "../observation.ts";
import { figuresOf, ProcessWatch } from "../proc.ts";
import { attackRequest } from "../subject.ts";

/** How the naive host is started. */
export interface BareHost {
  /**
   * `worker`: in a Worker with `permissions: "none"`. `main`: in the host's own realm, as its
   * accomplice before it.
   */
  realm?: "worker" | "main";
  /** The host calls `worker.terminate()` this long after the start. */
  terminateAfterMs?: number;
  /** The host holds a connection to the TCP canary. */
  holdsConnection?: boolean;
  env?: (at: Targets, secret: string) => Record<string, string>;
  /** Files in the home of the host's user, by name. */
  home?: (at: Targets, secret: string) => Record<string, string>;
  flags?: readonly string[];
}

/** One that has not answered until then never will. */
const DEADLINE_MS = 8_000;
/** How much a script must burn after it was terminated, to show that it was not. */
const AFTER_END_MS = 300;

/**
 * The control that shows why a Worker is not a sandbox: `deno run -A`, and the script in a Worker
 * that was given no permission at all.
 */
export function bareHost(off: string, host: BareHost = {}): Control {
  return {
    off,
    async run(attack, canaries) {
      const { script, accomplice } = attackRequest(attack, canaries);
      const { realm = "worker", terminateAfterMs } = host;
      const home = `${canaries.scratch}/home`;
      await Deno.mkdir(home, { recursive: true });
      for (
        const [name, text] of Object.entries(host.home?.(canaries.targets, canaries.secret) ?? {})
      ) {
        await Deno.writeTextFile(`${home}/${name}`, text);
      }
      const child = new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", "--quiet", "--no-config", "--no-lock", "--unstable-worker-options"],
          ...host.flags ?? [],
          fromFileUrl(new URL("bare_host.js", import.meta.url)),
        ],
        clearEnv: true,
        env: {
          DENO_DIR: `${canaries.scratch}/deno`,
          NO_COLOR: "1",
          ...(host.home ? { HOME: home } : {}),
          ...host.env?.(canaries.targets, canaries.secret),
        },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const writer = child.stdin.getWriter();
      const job = {
        realm,
        script: script.javascript,
        accomplice: accomplice && { ...accomplice, when: attack.accomplice!.when },
        input: canaries.targets,
        terminateAfterMs,
        holdPort: host.holdsConnection ? canaries.targets.tcpPort : undefined,
        tag: canaries.secret,
      };
      writer.write(new TextEncoder().encode(JSON.stringify(job))).catch(() => {});
      writer.close().catch(() => {});
      return await observe(child, canaries, terminateAfterMs !== undefined);
    },
  };
}

async function observe(
  child: Deno.ChildProcess,
  canaries: Canaries,
  terminates: boolean,
): Promise<Observation> {
  const started = performance.now();
  using watch = new ProcessWatch(child.pid);
  const lines = new HostLines(canaries, terminates);
  const output = Promise.all([lines.read(child.stdout), lines.drain(child.stderr)]);
  let exit: Deno.CommandStatus | undefined;
  const ended = child.status.then((status) => exit = status);
  await Promise.race([lines.answered, ended, watch.untilStopped, after(DEADLINE_MS)]);
  const burnt = lines.terminated ? await burn(child.pid) : 0;
  watch.sample();
  const seen = exit;
  if (seen === undefined) child.kill("SIGKILL");
  await ended;
  await output;
  return {
    ...lines.said,
    ...(seen === undefined ? {} : { exit: seen }),
    process: { peakBytes: watch.peakBytes, cpuMs: watch.cpuMs, stopped: watch.stopped },
    outputBytes: lines.bytes,
    wallMs: performance.now() - started,
    cpuAfterEndMs: burnt,
    hits: await canaries.hits(),
  };
}

/** Watches a process burn on, until it has shown enough. */
async function burn(pid: number): Promise<number> {
  const start = figuresOf(pid)?.cpuMs ?? 0;
  const deadline = performance.now() + DEADLINE_MS;
  let burnt = 0;
  while (burnt < AFTER_END_MS && performance.now() < deadline) {
    await after(10);
    burnt = (figuresOf(pid)?.cpuMs ?? 0) - start;
  }
  return burnt;
}

/** Reads the host's lines as a naive supervisor does: every line on stdout is believed. */
class HostLines {
  said: Pick<Observation, "result" | "failure" | "polluted"> = {};
  terminated = false;
  bytes = 0;
  readonly answered: Promise<void>;
  readonly #canaries: Canaries;
  readonly #terminates: boolean;
  #answer!: () => void;

  /** @param terminates Nothing but the end of the script is waited for. */
  constructor(canaries: Canaries, terminates: boolean) {
    this.#canaries = canaries;
    this.#terminates = terminates;
    this.answered = new Promise((resolve) => this.#answer = resolve);
  }

  async read(stream: ReadableStream<Uint8Array>): Promise<void> {
    let text = "";
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      this.bytes += chunk.length;
      text += chunk;
      const lines = text.split("\n");
      text = lines.pop()!;
      for (const line of lines) this.#take(line);
    }
  }

  async drain(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of stream) this.bytes += chunk.length;
  }

  #take(line: string): void {
    let message: Record<string, unknown>;
    try {
      message = JSON.parse(line);
    } catch {
      return; // not for us
    }
    this.#canaries.see(message);
    if (message.event) return this.#canaries.see(message.event);
    if (message.terminated) this.terminated = true;
    else if (Object.keys(this.said).length === 0) this.said = message;
    if (this.terminated || !this.#terminates) this.#answer();
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, ms)));
}
