import { linesOf } from "../bench/lines.ts";

/** An installed agent, and what starts it again when it ends, as its unit would. */
export class SupervisedAgent implements AsyncDisposable {
  /** How each start ended that is over. */
  readonly codes: number[] = [];
  readonly #command: Deno.Command;
  #child: Deno.ChildProcess | undefined;

  /**
   * @param program Where it is installed.
   * @param machine The folder that holds its policy.
   */
  constructor(program: string, state: string, machine: string) {
    const agent = ["-C", machine, "agent", "--supervised", "--state", state, "--grace", "1 s"];
    this.#command = new Deno.Command(`${program}/launch`, {
      args: [program, state, ...agent, "--json"],
      clearEnv: true,
      stdout: "piped",
      stderr: "null",
    });
  }

  /** Starts it as often as it takes until it is ready, once what ran before has ended by itself. */
  async ready(): Promise<void> {
    for (;;) {
      if (this.#child) this.codes.push((await this.#child.status).code);
      this.#child = this.#command.spawn();
      const { value } = await linesOf(this.#child.stdout).next();
      if (value !== undefined && "url" in JSON.parse(value)) return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child?.kill("SIGTERM");
    await this.#child?.status;
  }
}
