import { linesOf } from "../bench/lines.ts";
import { within } from "../within.ts";

/** More than any release is tried. */
const MOST_STARTS = 10;

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
      stderr: "inherit",
    });
  }

  /** Starts it until it is ready, a few times, once what ran before has ended by itself. */
  async ready(): Promise<void> {
    for (let left = MOST_STARTS; left > 0; left--) {
      if (this.#child) {
        this.codes.push((await within(this.#child.status, "the end of the agent")).code);
      }
      this.#child = this.#command.spawn();
      const { value } = await within(linesOf(this.#child.stdout).next(), "a word of the agent");
      if (value !== undefined && "url" in JSON.parse(value)) return;
    }
    throw new Error(`the agent ends again and again: ${this.codes}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child?.kill("SIGTERM");
    await this.#child?.status;
  }
}
