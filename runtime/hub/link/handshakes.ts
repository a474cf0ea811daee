import { HubError } from "../errors.ts";

/** How many connections of agents may be in the making at the same time. */
export interface HandshakeLimits {
  readonly total: number;
  readonly ofTenant: number;
}

/**
 * Connections that are in the making. A hub that is asked for more than it can make in time would
 * otherwise make all of them late, for agents that gave up long ago, and none of them would stand.
 */
export class Handshakes {
  readonly #limits: HandshakeLimits;
  readonly #ofTenants = new Map<string, number>();
  #total = 0;

  constructor(limits: HandshakeLimits) {
    this.#limits = limits;
  }

  /**
   * Begins one, when whoever asks is still there.
   *
   * @param signal Of the request: aborted when its connection is gone.
   * @returns Call it when the connection stands, or nothing comes of it; once.
   * @throws {HubError} busy – as many are in the making as may be, or nobody waits for it
   */
  async begin(tenant: string, signal: AbortSignal): Promise<() => void> {
    const ofTenant = this.#ofTenants.get(tenant) ?? 0;
    if (ofTenant >= this.#limits.ofTenant || this.#total >= this.#limits.total) {
      throw new HubError("busy", `Cannot connect an agent as ${this.#total} are being connected`);
    }
    this.#total++;
    this.#ofTenants.set(tenant, ofTenant + 1);
    // That a connection ended while its request waited is told in the next turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const end = () => this.#end(tenant);
    if (!signal.aborted) return end;
    end();
    throw new HubError("busy", "Cannot connect an agent that is gone");
  }

  #end(tenant: string): void {
    this.#total--;
    const left = this.#ofTenants.get(tenant)! - 1;
    if (left === 0) this.#ofTenants.delete(tenant);
    else this.#ofTenants.set(tenant, left);
  }
}
