import { wait } from "../../core/wait.ts";
import type { Tab } from "./tab.ts";

/** How long a page must be in sight for the person to look at it. */
const SETTLED_MS = 100;

/** What the person has before them, where they turn to a page themselves. */
export class Sight {
  #turns = 0;
  #brought: Promise<unknown> = Promise.resolve();

  /** Another page is looked at: what had come in sight before is no sign any more. */
  turned(): void {
    this.#turns++;
  }

  /** A page is brought there for somebody else: what comes in sight meanwhile is nobody's doing. */
  async bring(activated: Promise<void>): Promise<void> {
    this.turned();
    this.#brought = activated.catch(() => {});
    await activated;
  }

  /** Whether a page that has come in sight is what the person has turned to. */
  async has(tabOf: () => Tab | undefined): Promise<boolean> {
    const turns = this.#turns;
    await this.#brought;
    await wait(SETTLED_MS);
    const isThere = await tabOf()?.ask<boolean>("isShown") ?? false;
    return isThere && this.#turns === turns;
  }
}
