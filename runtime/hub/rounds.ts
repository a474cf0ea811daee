import { messageOf } from "../agent/errors.ts";
import type { Log } from "../agent/mod.ts";
import type { HubDatabase } from "./database/hub_database.ts";
import type { HubEvents } from "./events/hub_events.ts";
import { HUB_LIMITS } from "./limits.ts";
import type { Links } from "./link/links.ts";
import type { PresenceTable } from "./link/presence_table.ts";
import type { Spread } from "./link/spread.ts";
import type { Rollouts } from "./rollout/rollouts.ts";
import type { Deliveries } from "./orders/deliveries.ts";
import type { Webhooks } from "./webhooks/webhooks.ts";
import { endSecrets } from "./retention/end_secrets.ts";
import { prune } from "./retention/prune.ts";
import type { SteadyClock } from "./steady_clock.ts";

/** What {@linkcode Rounds} work with. */
export interface RoundsOptions {
  links: Links;
  presence: PresenceTable;
  spread: Spread;
  deliveries: Deliveries;
  rollouts: Rollouts;
  events: HubEvents;
  webhooks: Webhooks;
  database: HubDatabase;
  clock: SteadyClock;
  url: string;
  log: Log;
}

/** What the hub does from time to time, one round after another. */
export class Rounds implements AsyncDisposable {
  readonly #options: RoundsOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #going: Promise<void>;
  readonly #telling = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: RoundsOptions) {
    this.#options = options;
    this.#going = this.#go();
  }

  /** Makes a round at once, behind the one that is under way. */
  async now(): Promise<void> {
    await this.#going;
    clearTimeout(this.#timer);
    await (this.#going = this.#go());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#going;
    await Promise.all(this.#telling);
  }

  async #go(): Promise<void> {
    const { links, presence, spread, deliveries, rollouts, webhooks, events, clock, url } =
      this.#options;
    await this.#try("agents heard of not recorded", () => links.recordHeard());
    await this.#try("hub not announced", () => presence.beat(url, HUB_LIMITS.HUB_SILENT_MS));
    await this.#try("agents not counted", () => spread.recount());
    await this.#try("agents not told when to come back", () => links.renewSpread());
    await this.#try("who was revoked not cut off", () => links.endRevoked());
    await this.#try("agents not told of new documents", () => links.tellNews());
    await this.#try("orders not sent", () => links.sendWaiting());
    await this.#try("orders not expired", async () => {
      for (const { tenant, order } of await deliveries.expire(clock.now())) {
        events.tell(tenant, { type: "order", id: order });
      }
    });
    await this.#try("rollouts not looked after", () => rollouts.stepAll());
    // An address that is slow holds up nothing else.
    const telling = this.#try("webhooks not told", () => webhooks.tellAll(this.#stopping.signal))
      .finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
    const { database } = this.#options;
    await this.#try("what is over not ended", () => endSecrets(database, clock.now()));
    await this.#try("what is old not removed", async () => {
      if (!clock.isSettled) return;
      while (!this.#stopping.signal.aborted && await prune(database, clock.now()) > 0);
    });
    if (this.#stopping.signal.aborted) return;
    this.#timer = setTimeout(() => this.#going = this.#go(), HUB_LIMITS.SEEN_EVERY_MS);
  }

  async #try(failure: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.log("error", failure, { error: messageOf(error) });
    }
  }
}
