import { CapabilityError } from "../../sandbox/mod.ts";

const FOLDERS = ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin", "/usr/local/sbin"];
/** What a program may say; the rest is not read. */
const OUTPUT_BYTES = 256_000;
/** No program of the scanner's takes longer, or more of a processor. */
const DEADLINE_MS = 10 * 60_000;

/** How a program ended. */
export interface Finished {
  readonly code: number;
  /** Both its streams. */
  readonly output: string;
}

/**
 * The programs of ClamAV, each started with arguments of ours alone: no new privileges, no
 * capabilities, as an unprivileged user where the agent is root, dead when the agent is. All start
 * through `setpriv`, which the agent may run anyway.
 */
export class ScannerPrograms {
  readonly #user: () => Promise<number | undefined>;

  /** @param user Whom the programs run as, where the agent is root. */
  constructor(user: () => Promise<number | undefined>) {
    this.#user = user;
  }

  /** Whom the programs run as; `undefined` for whoever the agent is. */
  user(): Promise<number | undefined> {
    return this.#user();
  }

  /** Where a program is; looked for each time, as it may be installed while the agent runs. */
  async find(name: string): Promise<string | undefined> {
    for (const folder of FOLDERS) {
      const info = await Deno.stat(`${folder}/${name}`).catch(() => undefined);
      if (info?.isFile) return `${folder}/${name}`;
    }
    return undefined;
  }

  /**
   * Runs a program to its end.
   *
   * @param as Default: the unprivileged user; `agent` for what must write where the agent does.
   * @throws {CapabilityError} unavailable – it, or what confines it, is not installed; or it was
   * killed, as by a machine without memory left
   * @throws whatever the signal was aborted with
   */
  async run(
    name: string,
    args: readonly string[],
    signal: AbortSignal,
    as: "user" | "agent" = "user",
  ): Promise<Finished> {
    const [program, setpriv, prlimit] = await Promise.all(
      [name, "setpriv", "prlimit"].map((tool) => this.find(tool)),
    );
    if (!program || !setpriv || !prlimit) {
      const missing = !program ? name : "util-linux (setpriv, prlimit)";
      throw new CapabilityError("unavailable", `Cannot do this as ${missing} is not installed`);
    }
    const user = as === "agent" ? undefined : await this.#user();
    const child = new Deno.Command(setpriv, {
      args: [
        ...(user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"]),
        ...["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--pdeathsig=KILL"],
        ...[prlimit, "--core=0", "--nofile=1024", `--cpu=${DEADLINE_MS / 1000}`],
        program,
        ...args,
      ],
      clearEnv: true,
      cwd: "/",
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const ends = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
    const kill = () => killQuietly(child);
    ends.addEventListener("abort", kill);
    try {
      if (ends.aborted) kill();
      const [{ code, signal: by }, ...texts] = await Promise.all([
        child.status,
        read(child.stdout),
        read(child.stderr),
      ]);
      ends.throwIfAborted();
      if (by === "SIGKILL") {
        throw new CapabilityError("unavailable", `Cannot do this as ${name} was killed`);
      }
      return { code, output: texts.join("") };
    } finally {
      ends.removeEventListener("abort", kill);
    }
  }
}

async function read(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    // Read to the end even so: a full pipe would stop the program.
    if (text.length < OUTPUT_BYTES) text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

function killQuietly(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}
