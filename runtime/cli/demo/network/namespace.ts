/** What a namespace is made and entered with, for who has no path of their own. */
export const TOOLS_PATH = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };

/**
 * A network namespace that a process of ours holds. It has no name: it is gone when whatever runs in
 * it has ended, and that ends with this process, even when this one is killed.
 */
export class NetworkNamespace implements AsyncDisposable {
  /** The process that holds it. */
  readonly pid: number;
  /** Whether it belongs to a user namespace, as its maker is no root. */
  readonly #ofUser: boolean;
  readonly #holder: Deno.ChildProcess;

  private constructor(holder: Deno.ChildProcess, ofUser: boolean) {
    this.#holder = holder;
    this.#ofUser = ofUser;
    this.pid = holder.pid;
  }

  /**
   * Makes one without any way to others.
   *
   * @param beside To be cabled with it: who is no root must make both in one user namespace.
   * @throws {Error} the machine does not allow it, in its own words
   */
  static async open(beside?: NetworkNamespace): Promise<NetworkNamespace> {
    const ofUser = Deno.uid() !== 0;
    const flags = ofUser && !beside ? ["--net", "--user", "--map-root-user"] : ["--net"];
    const holder = new Deno.Command("/usr/bin/setpriv", {
      args: [
        ...["--pdeathsig=KILL", ...beside ? beside.#enter() : [], "unshare", ...flags],
        // A line when it is made; then until the pipe from us ends.
        ...["/bin/sh", "-c", "echo && exec cat"],
      ],
      env: TOOLS_PATH,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const made = holder.stdout.getReader();
    const { done } = await made.read();
    await made.cancel();
    if (!done) {
      await holder.stderr.cancel();
      return new NetworkNamespace(holder, ofUser);
    }
    const words = await new Response(holder.stderr).text();
    await holder.stdin.abort();
    await holder.status;
    throw new Error(words.trim() || "unshare said nothing");
  }

  /** A program in there, with the rights of who calls, which ends when this process does. */
  command(
    program: string,
    args: readonly string[],
    options: Omit<Deno.CommandOptions, "args"> = {},
  ): Deno.Command {
    // The number of the group is one in there alone: outside it is the caller's, whatever it is called.
    const self = [`--map-user=${Deno.uid()}`, `--map-group=${Deno.uid()}`];
    const asSelf = this.#ofUser ? ["unshare", "--user", ...self] : [];
    return new Deno.Command("/usr/bin/setpriv", {
      ...options,
      env: { ...options.env, ...TOOLS_PATH },
      // The signal is set last: to enter a user namespace takes it away.
      args: [
        ...this.#enter(),
        ...asSelf,
        "setpriv",
        "--pdeathsig=KILL",
        ...whileWeLive(program, args),
      ],
    });
  }

  /**
   * Has `ip` do some things in there.
   *
   * @param lines What follows the word `ip`.
   * @throws {Error} in the words of `ip`
   */
  async ip(...lines: string[]): Promise<void> {
    const child = new Deno.Command("/usr/bin/setpriv", {
      args: [...this.#enter(), "ip", "-batch", "-"],
      env: TOOLS_PATH,
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const written = child.stdin.getWriter();
    await written.write(new TextEncoder().encode(lines.join("\n") + "\n")).catch(() => {});
    await written.close().catch(() => {});
    const { success, stderr } = await child.output();
    if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Ctrl-C may have ended it.
    await this.#holder.stdin.close().catch(() => {});
    await this.#holder.status;
  }

  #enter(): string[] {
    const user = this.#ofUser ? ["--user", "--preserve-credentials"] : [];
    return ["nsenter", `--target=${this.pid}`, "--net", ...user];
  }
}

/** The program, unless we ended before it was to hear of that: another is its parent then. */
function whileWeLive(program: string, args: readonly string[]): string[] {
  return ["/bin/sh", "-c", 'test "$PPID" = "$0" && exec "$@"', `${Deno.pid}`, program, ...args];
}

/** Why none can be made and cabled here, in the words of the program that refused; else nothing. */
export async function whyNoNamespaces(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "this is no Linux";
  try {
    await using namespace = await NetworkNamespace.open();
    await namespace.ip(
      "link add name probe0 type veth peer name probe1",
      "link add name probe2 type bridge",
    );
    return undefined;
  } catch (error) {
    return (error as Error).message.split("\n")[0]!;
  }
}
