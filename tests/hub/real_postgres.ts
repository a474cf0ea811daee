import postgres from "postgres";
import { TemporaryDir } from "../temporary_dir.ts";
import { freePort } from "../free_port.ts";

/** Where Debian's postgresql-15 has its programs, which are on nobody's path. */
const POSTGRES_PROGRAMS = "/usr/lib/postgresql/15/bin";
const USER = "nobody";
const READY = /ready to accept connections/;

/** A PostgreSQL of its own on loopback, as an unprivileged user, gone when the test is over. */
export class RealPostgres implements AsyncDisposable {
  readonly #folder: TemporaryDir;
  readonly #port: number;
  #server!: Deno.ChildProcess;
  #reading!: Promise<void>;
  #databases = 0;

  private constructor(folder: TemporaryDir, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  static async start(): Promise<RealPostgres> {
    const folder = new TemporaryDir();
    const made = new RealPostgres(folder, freePort());
    const data = `${folder.path}/data`;
    try {
      if (Deno.uid() === 0) await run("chown", [USER, folder.path]);
      await asUser(`${POSTGRES_PROGRAMS}/initdb`, [
        ...["-D", data, "-U", "writ", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"],
      ]);
      await made.begin();
      return made;
    } catch (error) {
      folder[Symbol.dispose]();
      throw error;
    }
  }

  /** An empty database. @returns its address. */
  async newDatabase(): Promise<string> {
    const sql = postgres(this.#url("postgres"), { max: 1, onnotice: () => {} });
    const name = `hub${++this.#databases}`;
    await sql.unsafe(`CREATE DATABASE ${name}`);
    await sql.end();
    return this.#url(name);
  }

  #url(database: string): string {
    return `postgres://writ@127.0.0.1:${this.#port}/${database}`;
  }

  /** Starts the server; after {@linkcode end}, with what it had. */
  async begin(): Promise<void> {
    const { path } = this.#folder;
    const [program, args] = command(`${POSTGRES_PROGRAMS}/postgres`, [
      ...["-D", `${path}/data`, "-p", String(this.#port)],
      ...["-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${path}`],
      // What is killed here is the server, never the machine.
      ...["-c", "fsync=off"],
    ]);
    this.#server = new Deno.Command(program, { args, cwd: path, stdout: "null", stderr: "piped" })
      .spawn();
    const { ready, over } = said(this.#server.stderr, READY);
    this.#reading = over;
    await ready;
  }

  /** Ends the server as a power cut does. */
  async end(): Promise<void> {
    // SIGQUIT: its immediate shutdown, which recovers at the next start.
    this.#server.kill("SIGQUIT");
    await this.#server.status;
    await this.#reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    this.#folder[Symbol.dispose]();
  }
}

/** PostgreSQL refuses to run as root. */
function command(program: string, args: string[]): [string, string[]] {
  if (Deno.uid() !== 0) return [program, args];
  return ["setpriv", [`--reuid=${USER}`, "--regid=nogroup", "--clear-groups", program, ...args]];
}

async function asUser(program: string, args: string[]): Promise<void> {
  await run(...command(program, args));
}

async function run(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, stdout: "null" }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
}

/** Reads until it was said, and goes on reading to the end, so that the server never waits. */
function said(stream: ReadableStream<Uint8Array<ArrayBuffer>>, words: RegExp) {
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  let text = "";
  const read = async () => {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) {
      if (text.length < 100_000) text += part;
      if (words.test(text)) resolve();
    }
    reject(new Error(`PostgreSQL ended: ${text}`));
  };
  ready.catch(() => {});
  return { ready, over: read() };
}
