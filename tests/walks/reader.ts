import { TemporaryDir } from "../temporary_dir.ts";
import { ROOT } from "../project/project_files.ts";
import { aliasOf } from "./readme.ts";

/** What a command did. */
export interface Typed {
  readonly exit: number;
  /** Both outputs, as a reader sees them. */
  readonly output: string;
}

/**
 * Somebody at a shell who knows nothing but README: a new folder, its alias, and `deno` on the
 * path. What stays between two commands is the folder they stand in.
 */
export class Reader implements AsyncDisposable {
  readonly #home = new TemporaryDir();
  readonly #alias: string;
  readonly #agents: Deno.ChildProcess[] = [];
  #cwd = this.#home.path;

  constructor(readme: string) {
    this.#alias = aliasOf(readme).replace("/path/to/writ", ROOT);
    Deno.mkdirSync(`${this.#home.path}/bin`);
    Deno.symlinkSync(Deno.execPath(), `${this.#home.path}/bin/deno`);
  }

  /** The folder the reader stands in. */
  get cwd(): string {
    return this.#cwd;
  }

  /** Types one command at a terminal, agrees to what it asks, and waits for its end. */
  async type(command: string): Promise<Typed> {
    const where = `${this.#home.path}/cwd`;
    const script = `${this.#home.path}/command`;
    Deno.writeTextFileSync(script, this.#script(`trap 'pwd > "${where}"' EXIT\n${command}`));
    const terminal = ["-qec", `bash --norc --noprofile "${script}"`, "/dev/null"];
    const child = this.#command("script", terminal, "piped").spawn();
    const keyboard = child.stdin.getWriter();
    let output = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      output += text;
      if (text.includes("[y/N]")) await keyboard.write(new TextEncoder().encode("y\n"));
    }
    const { code } = await child.status;
    await keyboard.abort();
    this.#cwd = Deno.readTextFileSync(where).trim();
    return { exit: code, output };
  }

  /** Types a command that stays, in a terminal of its own; resolves with what it says first. */
  async leaveRunning(command: string): Promise<string> {
    const shell = ["--norc", "--noprofile", "-c", this.#script(command)];
    const child = this.#command("bash", shell, "null").spawn();
    this.#agents.push(child);
    const decoder = new TextDecoder();
    let said = "";
    const reader = child.stdout.getReader();
    while (!said.includes(" ready at ")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`"${command}" ended: ${said}`);
      said += decoder.decode(value, { stream: true });
    }
    void drain(reader);
    return said;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.#agents) {
      agent.kill("SIGTERM");
      await agent.status;
    }
    this.#home[Symbol.dispose]();
  }

  #script(command: string): string {
    return `shopt -s expand_aliases\nexec 2>&1\n${this.#alias}\n${command}`;
  }

  #command(command: string, args: string[], stdin: "null" | "piped"): Deno.Command {
    const cache = Deno.env.get("DENO_DIR");
    return new Deno.Command(command, {
      args,
      cwd: this.#cwd,
      clearEnv: true,
      env: {
        PATH: `${this.#home.path}/bin:/usr/local/bin:/usr/bin:/bin`,
        HOME: Deno.env.get("HOME") ?? "/",
        SHELL: "/bin/sh",
        ...(cache === undefined ? {} : { DENO_DIR: cache }),
      },
      stdin,
      stdout: "piped",
      stderr: "inherit",
    });
  }
}

/** What an agent says later is of no use here, and must not fill its pipe. */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}
