import { fromFileUrl } from "./paths.ts";

/** How the service answered while an attack ran. */
export interface HealthFigures {
  /** Longest that one answer took, milliseconds. */
  maxMs: number;
  probes: number;
}

/**
 * `/healthz` in the process that runs the sandbox, and a process of its own that asks it: one that
 * measured itself would not notice that it stood still.
 */
export class Health implements AsyncDisposable {
  readonly #server: Deno.HttpServer;
  readonly #prober: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: ReadableStreamDefaultReader<string>;

  private constructor(server: Deno.HttpServer<Deno.NetAddr>) {
    this.#server = server;
    const { port } = server.addr;
    this.#prober = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-config", "--no-lock", `--allow-net=127.0.0.1:${port}`],
        fromFileUrl(new URL("prober.js", import.meta.url)),
        String(port),
      ],
      clearEnv: true,
      env: { DENO_DIR: "/dev/null/x" },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#orders = this.#prober.stdin.getWriter();
    this.#answers = this.#prober.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async open(): Promise<Health> {
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    const health = new Health(Deno.serve(options, () => new Response("ok")));
    await health.ask("warm up");
    return health;
  }

  /** Ends one measurement, which began with the one before it ended, and begins the next. */
  async ask(what = "lap"): Promise<HealthFigures> {
    await this.#orders.write(new TextEncoder().encode(what + "\n"));
    const { value } = await this.#answers.read();
    return JSON.parse(value!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orders.close();
    await this.#prober.status;
    await this.#answers.cancel();
    await this.#server.shutdown();
  }
}
