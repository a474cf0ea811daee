import { linesOf } from "./lines.ts";

const FOLDER = new URL("./peers/", import.meta.url);

/**
 * The programs that the benchmark compares with, driven from a Node process of their own. They
 * are 160 MB, for development only, and so stand in a package of their own that the program's
 * lock knows nothing of.
 */
export class Peers implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: AsyncIterator<string>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#input = child.stdin.getWriter();
    this.#answers = linesOf(child.stdout);
  }

  /** Installs the packages where they are not yet, and starts the driver. */
  static async open(): Promise<Peers> {
    const { success } = await new Deno.Command("npm", {
      // --no-save leaves the lock alone where the registry lacks a platform that is not this one.
      args: ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
      cwd: FOLDER,
      stdout: "null",
    }).output();
    if (!success) throw new Error("Cannot install the programs to compare with: npm failed");
    const child = new Deno.Command("node", {
      args: ["driver.mjs"],
      cwd: FOLDER,
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    return new Peers(child);
  }

  /** One new worker until its first answer, milliseconds. `fastest`: with its unstable options. */
  httpWorkerCold(fastest: boolean): Promise<number> {
    return this.#ask({ command: "httpWorkerCold", deno: Deno.execPath(), fastest });
  }

  httpWorkerWarm(count: number): Promise<number[]> {
    return this.#ask({ command: "httpWorkerWarm", deno: Deno.execPath(), count });
  }

  /** Process start until the first HTTP answer, milliseconds. */
  workerdCold(): Promise<number> {
    return this.#ask({ command: "workerdCold" });
  }

  workerdWarm(count: number): Promise<number[]> {
    return this.#ask({ command: "workerdWarm", count });
  }

  /** The process that {@linkcode workerdWarm} asks, one script in it. */
  workerdPid(): Promise<number> {
    return this.#ask({ command: "workerdPid" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close();
    await this.#child.status;
  }

  async #ask<T>(command: Record<string, unknown>): Promise<T> {
    await this.#input.write(new TextEncoder().encode(JSON.stringify(command) + "\n"));
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`Cannot compare as the driver ended at ${command.command}`);
    return JSON.parse(value);
  }
}
