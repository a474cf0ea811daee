import { writ } from "./program.ts";

/** A fleet folder as `writ init` makes it, gone at the end. */
export class BenchFleet implements AsyncDisposable {
  readonly name = "bench";
  /** The example that `writ init` accepts. */
  readonly script = "example/hello";
  readonly #parent: string;
  #states = 0;

  private constructor(parent: string) {
    this.#parent = parent;
  }

  static async make(): Promise<BenchFleet> {
    const fleet = new BenchFleet(await Deno.makeTempDir({ prefix: "writ-bench-" }));
    const [command, args] = writ("init", fleet.folder);
    const { success } = await new Deno.Command(command, { args, stdout: "null" }).output();
    if (!success) throw new Error("Cannot make a fleet to measure");
    return fleet;
  }

  get folder(): string {
    return `${this.#parent}/${this.name}`;
  }

  /** A state folder that no agent has used. */
  newState(): string {
    return `${this.folder}/state-${++this.#states}`;
  }

  get operatorKey(): string {
    return `${this.folder}/keys/operator.pem`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#parent, { recursive: true });
  }
}
