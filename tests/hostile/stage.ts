import { calibrate } from "../../runtime/sandbox/calibrate.ts";
import { detectHost, Sandbox } from "../../runtime/sandbox/mod.ts";
import { Health } from "./health.ts";

/** What all attacks of one session share: the sandbox, and the service it must not disturb. */
export class Stage implements AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly health: Health;
  /** RLIMIT_DATA of an empty cell, bytes, for controls that start cells themselves. */
  readonly baseline: number;

  private constructor(sandbox: Sandbox, health: Health, baseline: number) {
    this.sandbox = sandbox;
    this.health = health;
    this.baseline = baseline;
  }

  /** At level 1, whose walls are to hold by themselves; what level 2 adds has its own tests. */
  static async open(): Promise<Stage> {
    const sandbox = await Sandbox.open({ host: await detectHost({ highest: 1 }) });
    return new Stage(sandbox, await Health.open(), await calibrate(sandbox.host));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox.close();
    await this.health[Symbol.asyncDispose]();
  }
}
