import type { LanAdverts } from "../../peer/mdns/lan_adverts.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Rules } from "../trust/load_rules.ts";

/** What a {@linkcode LocalNetwork} works with. */
export interface LocalNetworkOptions {
  rules(): Rules;
  /** This agent's advert as it is now. */
  advert(): Uint8Array;
  /** Takes a stranger's advert, which is judged by its signature. */
  heard(advert: Uint8Array): void;
  readonly log: Log;
}

/** Multicast on the local network, as long as the policy asks for it; loaded then. */
export class LocalNetwork implements AsyncDisposable {
  readonly #options: LocalNetworkOptions;
  #address: string | undefined;
  #open: Promise<LanAdverts | undefined> = Promise.resolve(undefined);

  constructor(options: LocalNetworkOptions) {
    this.#options = options;
  }

  /** Opens, closes, or moves to another interface, as the policy now says. */
  adjust(): void {
    this.#move(this.#options.rules().mdns?.address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#move(undefined);
    await this.#open;
  }

  #move(address: string | undefined): void {
    if (address === this.#address) return;
    this.#address = address;
    const { log } = this.#options;
    this.#open = this.#open.then(async (before) => {
      await before?.[Symbol.asyncDispose]();
      return address === undefined ? undefined : await this.#begin(address);
    }).catch((error) => {
      log("error", "the local network cannot be asked", { error: messageOf(error) });
      return undefined;
    });
  }

  async #begin(address: string): Promise<LanAdverts> {
    const { LanAdverts } = await import("../../peer/mdns/lan_adverts.ts");
    const { log, ...adverts } = this.#options;
    return new LanAdverts({
      ...adverts,
      address,
      failed: (error) => log("warn", "the local network failed", { error: messageOf(error) }),
    });
  }
}
