/** A program that runs beside a test, is known to be ready, and is ended by its own handle. */
export class Service implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  /** What it wrote so far, for a failing test to show. */
  readonly output: string[] = [];
  readonly #drained: Promise<unknown>;
  readonly #match = Promise.withResolvers<RegExpExecArray>();

  private constructor(program: string, args: string[], env: Record<string, string>, ready: RegExp) {
    this.#child = new Deno.Command(program, {
      args,
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...env },
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { stdout, stderr, status } = this.#child;
    this.#drained = Promise.all([stdout, stderr].map((stream) => this.#read(stream, ready)));
    const early = () => new Error(`${program} ended before it was ready:\n${this.output.join("")}`);
    Promise.all([status, this.#drained]).then(() => this.#match.reject(early()));
  }

  /**
   * Starts a program and waits until its output matches `ready`.
   *
   * @returns the service and the match
   * @throws {Error} when it ends, or `timeoutMs` pass, before that
   */
  static async start(
    program: string,
    { args, env = {}, ready, timeoutMs = 10_000 }: {
      args: string[];
      env?: Record<string, string>;
      ready: RegExp;
      timeoutMs?: number;
    },
  ): Promise<{ service: Service; match: RegExpExecArray }> {
    const service = new Service(program, args, env, ready);
    const late = () => new Error(`${program} is not ready:\n${service.output.join("")}`);
    const timer = setTimeout(() => service.#match.reject(late()), timeoutMs);
    try {
      return { service, match: await service.#match.promise };
    } catch (error) {
      await service[Symbol.asyncDispose]();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>, ready: RegExp): Promise<void> {
    let text = "";
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      this.output.push(chunk);
      const match = ready.exec(text += chunk);
      if (match) this.#match.resolve(match);
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Ends it, by force if it does not go within two seconds; says how it ended. */
  async stop(): Promise<Deno.CommandStatus> {
    this.#signal("SIGTERM");
    const timer = setTimeout(() => this.#signal("SIGKILL"), 2_000);
    const status = await this.#child.status;
    clearTimeout(timer);
    await this.#drained;
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It ended by itself; Deno says so with a TypeError.
      if (!(error instanceof TypeError)) throw error;
    }
  }
}
