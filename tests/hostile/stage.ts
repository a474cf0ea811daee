import { calibrate } from "../../runtime/sandbox/calibrate.ts";
import { detectHost, type Host, Sandbox } from "../../runtime/sandbox/mod.ts";
import { Health } from "./health.ts";

/** What all attacks of one session share: the sandbox, and the service it must not disturb. */
export class Stage implements AsyncDisposable {
  readonly sandbox: Sandbox;
  /** Where controls take one protection away: at level 1, so that no other stands in for it. */
  readonly host: Host;
  readonly health: Health;
  /** RLIMIT_DATA of an empty cell, bytes, for controls that start cells themselves. */
  readonly baseline: number;

  private constructor(sandbox: Sandbox, host: Host, health: Health, baseline: number) {
    this.sandbox = sandbox;
    this.host = host;
    this.health = health;
    this.baseline = baseline;
  }

  /**
   * @param level Where attacks run. Level 1 is to hold by itself; what level 2 adds has its own
   * tests, and is to hold against all of these as well.
   */
  static async open(level: 1 | 2 = 1): Promise<Stage> {
    const host = await detectHost({ highest: 1 });
    const attacked = level === 1 ? host : await detectHost();
    if (level === 2 && attacked.level < 2) {
      throw new RangeError(`level 2 is not to be had here: ${attacked.missing}`);
    }
    const sandbox = await Sandbox.open({ host: attacked });
    return new Stage(sandbox, host, await Health.open(), await calibrate(host));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox.close();
    await this.health[Symbol.asyncDispose]();
  }
}
