import { EICAR } from "../../../capabilities/scanner/eicar.ts";

/** A real clamd on loopback, with the databases that a scanner's folder says are in use. */
export class RealClamd implements AsyncDisposable {
  /** As a grant names it. */
  readonly address: string;
  readonly #port: number;
  readonly #config: string;
  readonly #program: string;
  #child: Deno.ChildProcess | undefined;

  private constructor(program: string, port: number, config: string) {
    this.#program = program;
    this.#port = port;
    this.#config = config;
    this.address = `127.0.0.1:${port}`;
  }

  /** @param folder The scanner's; its databases need not be there yet. */
  static async prepare(program: string, folder: string): Promise<RealClamd> {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const config = `${folder}/clamd.conf`;
    await Deno.mkdir(folder, { recursive: true });
    const lines = [
      `DatabaseDirectory ${folder}/current`,
      `TCPSocket ${port}`,
      "TCPAddr 127.0.0.1",
      "Foreground yes",
      "SelfCheck 86400",
      "MaxThreads 2",
    ];
    await Deno.writeTextFile(config, lines.join("\n") + "\n");
    return new RealClamd(program, port, config);
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    this.#child = new Deno.Command("/usr/bin/setpriv", {
      args: [
        "--no-new-privs",
        "--pdeathsig=KILL",
        this.#program,
        `--config-file=${this.#config}`,
      ],
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    let ended = false;
    this.#child.status.then(() => ended = true);
    while (await this.#ask("zPING\0").catch(() => "") !== "PONG") {
      if (ended) throw new Error("clamd does not start");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Whether it finds EICAR's test file in a stream. */
  async findsCanary(): Promise<boolean> {
    const body = new TextEncoder().encode(EICAR);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, body.length);
    const answer = await this.#ask("zINSTREAM\0", length, body, new Uint8Array(4));
    return answer.endsWith("FOUND");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child?.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child?.status;
  }

  async #ask(command: string, ...parts: Uint8Array[]): Promise<string> {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
    for (const part of [new TextEncoder().encode(command), ...parts]) {
      for (let done = 0; done < part.length;) done += await connection.write(part.subarray(done));
    }
    const answer = new Uint8Array(1_000);
    const count = await connection.read(answer) ?? 0;
    return new TextDecoder().decode(answer.subarray(0, count)).replace(/\0.*$/s, "");
  }
}
