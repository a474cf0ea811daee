import { createSocket, type Socket } from "node:dgram";
import { createHash } from "node:crypto";

/** What a hostile script is told about: everything it would want to reach. Its `run`'s input. */
export interface Targets {
  /** JSON that only the agent may read; readable by every user of this machine. */
  readonly secretFile: string;
  /** Writable by every user of this machine. */
  readonly openFile: string;
  /** Empty, writable by every user of this machine. */
  readonly openFolder: string;
  /** A folder for scripts that are granted one: no canary. Holds what a stranger left there. */
  readonly ownFolder: string;
  /** A service of this machine on 127.0.0.1, HTTP or anything. */
  readonly tcpPort: number;
  /** A web server that is no canary and redirects to {@linkcode Targets.tcpPort}. */
  readonly redirectPort: number;
  /** A name server of this machine on 127.0.0.1. */
  readonly udpPort: number;
  readonly unixSocket: string;
  /** The process that runs the sandbox. */
  readonly agentPid: number;
  /** A process of the cells' user, with the secret in its environment. */
  readonly victimPid: number;
}

/** Things that an attack must not touch, by kind, with how often it did. */
export type CanaryHits = Readonly<Record<CanaryKind, number>>;
export type CanaryKind =
  /** Connections to the TCP service that sent something. */
  | "tcp"
  /** Datagrams to the name server. */
  | "udp"
  /** Connections to the unix socket. */
  | "unix"
  /** The secret stands in what the run put out. */
  | "secret"
  /** Files that changed: content or time of change. */
  | "changed"
  /** Files that appeared in the open folder. */
  | "planted"
  /** The victim is gone. */
  | "killed"
  /** The agent could connect to a port that the script announced. */
  | "listening"
  /** `Object.prototype` of the agent has grown. */
  | "polluted";

/** What a script announces when it listens: an event of this name with the port as its data. */
const LISTENING_EVENT = "listening";
const MODULE = 'export default "hit";\n';
const HIT = "HTTP/1.1 200 OK\r\ncontent-type: text/javascript\r\n" +
  `content-length: ${MODULE.length}\r\nconnection: close\r\n\r\n${MODULE}`;
const redirectTo = (port: number) =>
  `HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:${port}/?secret\r\n` +
  "content-length: 0\r\nconnection: close\r\n\r\n";

/** One set of canaries, for one run of one attack. */
export class Canaries implements AsyncDisposable {
  readonly secret: string;
  readonly targets: Targets;
  /** A folder that no script is told of, removed with the canaries. */
  readonly scratch: string;
  readonly #folder: string;
  readonly #tcp: Deno.TcpListener;
  readonly #unix: Deno.UnixListener;
  readonly #redirect: Deno.TcpListener;
  readonly #udp: Socket;
  readonly #victim: Deno.ChildProcess;
  readonly #before: Map<string, string>;
  readonly #counts = { tcp: 0, udp: 0, unix: 0, secret: 0, killed: 0, listening: 0 };
  readonly #pending: Promise<unknown>[] = [];
  #closed = false;

  private constructor(secret: string, folder: string, udp: Socket, uid: number | undefined) {
    this.secret = secret;
    this.#folder = folder;
    this.scratch = `${folder}/scratch`;
    this.#udp = udp;
    this.#tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#redirect = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const unixSocket = `${folder}/service.sock`;
    this.#unix = Deno.listen({ transport: "unix", path: unixSocket });
    Deno.chmodSync(unixSocket, 0o777);
    this.#victim = new Deno.Command("sleep", {
      args: ["infinity"],
      // A folder that every user may enter; the one of the tests may be its owner's alone.
      cwd: "/",
      clearEnv: true,
      env: { PATH: "/usr/bin:/bin", SECRET: secret },
      stdin: "null",
      stdout: "null",
      stderr: "null",
      ...(uid === undefined ? {} : { uid, gid: uid }),
    }).spawn();
    this.targets = {
      secretFile: `${folder}/secret.json`,
      openFile: `${folder}/open.txt`,
      openFolder: `${folder}/open`,
      ownFolder: `${folder}/own`,
      tcpPort: (this.#tcp.addr as Deno.NetAddr).port,
      redirectPort: (this.#redirect.addr as Deno.NetAddr).port,
      udpPort: udp.address().port,
      unixSocket,
      agentPid: Deno.pid,
      victimPid: this.#victim.pid,
    };
    this.#before = this.#fingerprints();
    this.#listen();
  }

  /**
   * @param uid User that the victim runs as: the cells'.
   */
  static async place(uid?: number): Promise<Canaries> {
    const secret = `secret-${crypto.randomUUID()}`;
    const folder = await Deno.makeTempDir({ prefix: "writ-hostile-" });
    await Deno.mkdir(`${folder}/open`);
    await placeOwnFolder(`${folder}/own`);
    await Deno.writeTextFile(`${folder}/secret.json`, JSON.stringify({ secret }));
    await Deno.writeTextFile(`${folder}/open.txt`, "open\n");
    // Only the sandbox may stand in the way, never a file mode.
    await Deno.chmod(folder, 0o755);
    await Deno.chmod(`${folder}/secret.json`, 0o644);
    await Deno.chmod(`${folder}/open.txt`, 0o666);
    await Deno.chmod(`${folder}/open`, 0o777);
    await Deno.chmod(`${folder}/own`, 0o777);
    const udp = createSocket("udp4");
    await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));
    return new Canaries(secret, folder, udp, uid);
  }

  /** Shows the canaries something a run put out: its outcome, an event, a line. */
  see(said: unknown): void {
    if ((JSON.stringify(said) ?? "").includes(this.secret)) this.#counts.secret++;
    const event = said as { type?: string; name?: string; data?: unknown } | undefined;
    if (event?.type !== "event" || event.name !== LISTENING_EVENT) return;
    const knock = Deno.connect({ hostname: "127.0.0.1", port: Number(event.data) })
      .then(async (connection) => {
        this.#counts.listening++;
        await connection.write(new TextEncoder().encode("knock"));
        connection.close();
      }, () => {});
    this.#pending.push(knock);
  }

  /** Counts what was touched so far. */
  async hits(): Promise<CanaryHits> {
    await Promise.all(this.#pending);
    const after = this.#fingerprints();
    const changed = [...this.#before].filter(([path, print]) => after.get(path) !== print).length;
    const planted = [...Deno.readDirSync(this.targets.openFolder)].length;
    const polluted = Object.keys(Object.prototype).length + ("polluted" in {} ? 1 : 0);
    return { ...this.#counts, changed, planted, polluted };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#tcp.close();
    this.#redirect.close();
    this.#unix.close();
    this.#udp.close();
    try {
      this.#victim.kill("SIGKILL");
    } catch {
      // killed by the attack
    }
    await this.#victim.status;
    await Deno.remove(this.#folder, { recursive: true });
  }

  #listen(): void {
    this.#udp.on("message", () => this.#counts.udp++);
    this.#victim.status.then(() => this.#closed || this.#counts.killed++);
    accept(this.#tcp, HIT, (received) => {
      this.#counts.tcp++;
      if (received.includes(this.secret)) this.#counts.secret++;
    });
    accept(this.#unix, HIT, () => this.#counts.unix++);
    accept(this.#redirect, redirectTo(this.targets.tcpPort), () => {});
  }

  #fingerprints(): Map<string, string> {
    const { secretFile, openFile } = this.targets;
    return new Map([secretFile, openFile].map((path) => [path, fingerprint(path)]));
  }
}

/** Fills the folder that scripts may be granted. */
async function placeOwnFolder(folder: string): Promise<void> {
  const entry = { main: "../../../secret.json" };
  await Deno.mkdir(`${folder}/node_modules/evil`, { recursive: true });
  await Deno.writeTextFile(`${folder}/node_modules/evil/package.json`, JSON.stringify(entry));
  await Deno.writeTextFile(`${folder}/.env`, "PLANTED=by a file\n");
  await Deno.writeTextFile(`${folder}/note.txt`, "its own\n");
}

/** Answers every connection that sends something as a web server would. */
async function accept(
  listener: Deno.TcpListener | Deno.UnixListener,
  text: string,
  hit: (received: string) => void,
): Promise<void> {
  try {
    for await (const connection of listener) {
      answer(connection, text, hit).catch(() => {}).finally(() => connection.close());
    }
  } catch {
    // closed
  }
}

async function answer(
  connection: Deno.Conn,
  text: string,
  hit: (received: string) => void,
): Promise<void> {
  const buffer = new Uint8Array(4096);
  const length = await connection.read(buffer);
  if (length === null) return;
  hit(new TextDecoder().decode(buffer.subarray(0, length)));
  await connection.write(new TextEncoder().encode(text));
}

function fingerprint(path: string): string {
  const { mtime, mode } = Deno.statSync(path);
  const hash = createHash("sha256").update(Deno.readFileSync(path)).digest("hex");
  return `${hash} ${mtime?.getTime()} ${mode}`;
}
