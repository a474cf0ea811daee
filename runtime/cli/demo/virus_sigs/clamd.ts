import { EICAR } from "../../../capabilities/scanner/eicar.ts";
import { wait, within } from "../../../core/wait.ts";
import type { NetworkNamespace } from "../network/namespace.ts";

/** How long clamd may take to read its databases, and to answer. */
const PATIENCE_MS = 120_000;

/** A real clamd on the loopback of a machine, with the databases that a scanner's folder says are in use. */
export class RealClamd implements AsyncDisposable {
  /** As a grant names it. */
  readonly address: string;
  /** As the one who plays reaches it, whichever machine it is on. */
  readonly #socket: string;
  readonly #config: string;
  readonly #program: string;
  readonly #on: NetworkNamespace | undefined;
  #child: Deno.ChildProcess | undefined;

  private constructor(program: string, port: number, folder: string, on?: NetworkNamespace) {
    this.#program = program;
    this.#socket = `${folder}/clamd.sock`;
    this.#config = `${folder}/clamd.conf`;
    this.#on = on;
    this.address = `127.0.0.1:${port}`;
  }

  /**
   * @param folder The scanner's; its databases need not be there yet.
   * @param on The machine; default: this one.
   */
  static async prepare(
    program: string,
    folder: string,
    on?: NetworkNamespace,
  ): Promise<RealClamd> {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const clamd = new RealClamd(program, port, folder, on);
    await Deno.mkdir(folder, { recursive: true });
    const lines = [
      `DatabaseDirectory ${folder}/current`,
      `TCPSocket ${port}`,
      "TCPAddr 127.0.0.1",
      `LocalSocket ${clamd.#socket}`,
      "Foreground yes",
      "SelfCheck 86400",
      "MaxThreads 2",
    ];
    await Deno.writeTextFile(clamd.#config, lines.join("\n") + "\n");
    return clamd;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const args = [
      "--no-new-privs",
      "--pdeathsig=KILL",
      this.#program,
      `--config-file=${this.#config}`,
    ];
    const options = { clearEnv: true, stdin: "null", stdout: "null", stderr: "null" } as const;
    const command = this.#on?.command("setpriv", args, options) ??
      new Deno.Command("/usr/bin/setpriv", { ...options, args });
    this.#child = command.spawn();
    let ended = false;
    this.#child.status.then(() => ended = true);
    const late = performance.now() + PATIENCE_MS;
    while (await this.#ask("zPING\0").catch(() => "") !== "PONG") {
      if (ended || performance.now() > late) throw new Error("clamd does not start");
      await wait(50);
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
    using connection = await Deno.connect({ transport: "unix", path: this.#socket });
    return await within(PATIENCE_MS, talk(connection, command, parts));
  }
}

async function talk(
  connection: Deno.UnixConn,
  command: string,
  parts: readonly Uint8Array[],
): Promise<string> {
  for (const part of [new TextEncoder().encode(command), ...parts]) {
    for (let done = 0; done < part.length;) done += await connection.write(part.subarray(done));
  }
  const answer = new Uint8Array(1_000);
  const count = await connection.read(answer) ?? 0;
  return new TextDecoder().decode(answer.subarray(0, count)).replace(/\0.*$/s, "");
}
