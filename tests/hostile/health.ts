import { fromFileUrl } from "./paths.ts";

/** Longest that an answer may take while an attack runs, milliseconds. */
export const HEALTHZ_LIMIT_MS = 200;

/** How the service answered while an attack ran. */
export interface HealthFigures {
  /** Longest that one answer took, milliseconds. */
  maxMs: number;
  /** Longest that a process took which has nothing to do with the sandbox, at the same time. */
  bystanderMs: number;
}

/** Whether the service was kept waiting, by something other than a machine that has too much to do. */
export function wasHeldUp({ maxMs, bystanderMs }: HealthFigures): boolean {
  return maxMs > HEALTHZ_LIMIT_MS && maxMs > 2 * bystanderMs;
}

/**
 * `/healthz` in the process that runs the sandbox, and a process of its own that asks it: one that
 * measured itself would not notice that it stood still.
 */
export class Health implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #bystander: Deno.ChildProcess;
  readonly #prober: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: ReadableStreamDefaultReader<string>;

  private constructor(
    server: Deno.HttpServer<Deno.NetAddr>,
    bystander: Deno.ChildProcess,
    ports: readonly string[],
  ) {
    this.#server = server;
    this.#bystander = bystander;
    this.#prober = start("prober.js", ports);
    this.#orders = this.#prober.stdin.getWriter();
    this.#answers = this.#prober.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async open(): Promise<Health> {
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    const server = Deno.serve(options, () => new Response("ok"));
    const bystander = start("bystander.js", []);
    const output = bystander.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value: port } = await output.read();
    await output.cancel();
    const health = new Health(server, bystander, [String(server.addr.port), port!.trim()]);
    await health.ask("warm up");
    return health;
  }

  /** Ends one measurement, which began with the one before it ended, and begins the next. */
  async ask(what = "lap"): Promise<HealthFigures> {
    await this.#orders.write(new TextEncoder().encode(what + "\n"));
    const { value } = await this.#answers.read();
    const [maxMs, bystanderMs] = JSON.parse(value!).map((ms: number) => Math.round(ms * 10) / 10);
    return { maxMs, bystanderMs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orders.close();
    await this.#prober.status;
    await this.#answers.cancel();
    await this.#bystander.stdin.close();
    await this.#bystander.status;
    await this.#server.shutdown();
  }
}

function start(program: string, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-config", "--no-lock", "--allow-net=127.0.0.1"],
      fromFileUrl(new URL(program, import.meta.url)),
      ...args,
    ],
    clearEnv: true,
    env: { DENO_DIR: "/dev/null/x" },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
}
