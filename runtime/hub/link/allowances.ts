import { TokenBucket } from "../../core/token_bucket.ts";
import { HUB_LIMITS } from "../limits.ts";

/** How fast one agent may speak, over all of its connections to this hub. */
export class Allowance {
  readonly #bucket: TokenBucket;

  constructor(now: number) {
    const { LINK_MESSAGES, LINK_MESSAGES_PER_SECOND } = HUB_LIMITS;
    this.#bucket = new TokenBucket(LINK_MESSAGES, LINK_MESSAGES_PER_SECOND / 1000, now);
  }

  /**
   * Takes a message, by its length. One of an agent that waits for approval counts many times.
   *
   * @returns milliseconds until the next may be read.
   */
  take(length: number, isApproved = true, now = performance.now()): number {
    const cost = 1 + length / HUB_LIMITS.LINK_MESSAGE_COST;
    return this.#bucket.take(isApproved ? cost : cost * HUB_LIMITS.PENDING_MESSAGE_COST, now);
  }
}

/** The allowances of agents; whoever connects again has no new one. */
export class Allowances {
  /** The one that was asked for longest ago leaves first. */
  readonly #allowances = new Map<string, Allowance>();

  /** @param agent Its tenant and id. */
  of(agent: string): Allowance {
    const allowance = this.#allowances.get(agent) ?? new Allowance(performance.now());
    this.#allowances.delete(agent);
    this.#allowances.set(agent, allowance);
    if (this.#allowances.size > HUB_LIMITS.LINKS) {
      this.#allowances.delete(this.#allowances.keys().next().value!);
    }
    return allowance;
  }
}
