import { messageOf } from "../errors.ts";
import type { HubLink, HubLinkOptions } from "./hub_link.ts";

/**
 * The hub of this agent, where the policy names one. What it takes to speak with it is loaded only
 * then, and the connection begins anew when the policy names another.
 */
export class HubConnection implements AsyncDisposable {
  readonly #options: HubLinkOptions;
  /** As the policy named the hub. */
  #named: string | undefined;
  #link: HubLink | undefined;
  #changing: Promise<void> = Promise.resolve();

  constructor(options: HubLinkOptions) {
    this.#options = options;
  }

  /** Call when the agent is ready, and whenever other rules are in force. */
  begin(): void {
    this.#changing = this.#changing.then(() => this.#follow()).catch((error) => {
      this.#options.log("error", "hub cannot be had", { error: messageOf(error) });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#changing;
    await this.#link?.[Symbol.asyncDispose]();
  }

  async #follow(): Promise<void> {
    const { hub } = this.#options.rules();
    const named = hub && JSON.stringify(hub);
    if (named === this.#named) return this.#link?.rulesChanged();
    this.#named = named;
    await this.#link?.[Symbol.asyncDispose]();
    this.#link = undefined;
    if (!hub) return;
    const { HubLink } = await import("./hub_link.ts");
    this.#link = new HubLink(hub, this.#options);
  }
}
