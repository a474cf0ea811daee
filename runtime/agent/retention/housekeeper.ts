import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { DEFAULT_RETENTION, type Retention } from "../../policy/files/retention_yaml.ts";
import type { TrustedClock } from "../clock.ts";
import type { ContentStore } from "../content/content_store.ts";
import { AgentError, messageOf } from "../errors.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import { neededBlobs, pruneContent, pruneManifests, pruneOwners } from "./prune_content.ts";
import { pruneEvents, pruneRuns } from "./prune_records.ts";
import { StateUsage } from "./state_usage.ts";

/** What a {@linkcode Housekeeper} works with. */
export interface HousekeeperOptions {
  stateDir: string;
  store: Store;
  clock: TrustedClock;
  blobs: ContentStore;
  modules: ContentStore;
  policy(): PolicyInForce;
  /** As the policy says now. */
  retention(): Retention | undefined;
  log: Log;
}

/**
 * Keeps the state folder from growing for ever. What is older than the policy wants goes; above
 * the limit of the folder more goes early, and where that is not enough new orders are refused.
 * The audit log is never touched: only its owner shortens it, by a command.
 */
export class Housekeeper implements AsyncDisposable {
  readonly usage: StateUsage;
  readonly #options: HousekeeperOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #asked = false;
  #stopped = false;

  constructor(options: HousekeeperOptions) {
    this.#options = options;
    this.usage = new StateUsage(options.stateDir, options.store);
    const grow = (bytes: number) => this.usage.grow(bytes);
    options.blobs.growWithin({ grow, requireRoom: () => this.requireRoom() });
    // An order that was accepted gets its module all the same.
    options.modules.growWithin({ grow });
  }

  get retention(): Retention {
    return this.#options.retention() ?? DEFAULT_RETENTION;
  }

  /** Begins to sweep, first in a while: an agent that starts has better things to do. */
  begin(): void {
    this.#sweepIn(AGENT_LIMITS.FIRST_SWEEP_MS);
  }

  /**
   * Requires that the state folder may grow.
   *
   * @throws {AgentError} state_full – it holds as much as it may; a sweep is under way.
   */
  requireRoom(): void {
    const { stateBytes } = this.retention;
    const { total } = this.usage;
    if (total < stateBytes) return;
    if (!this.#asked) this.#sweepIn(0);
    throw new AgentError(
      "state_full",
      `Cannot take more as the state folder holds as much as it may: ${total} of ${stateBytes} bytes`,
    );
  }

  /** Removes what may go now. Never rejects. */
  sweep(): Promise<void> {
    this.#sweeping = this.#sweeping.then(() => this.#sweep()).catch((error) => {
      this.#options.log("error", "state not tidied", { error: messageOf(error) });
    });
    return this.#sweeping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const { usage } = this;
    const { runsMs, eventsMs, blobsMs, modulesMs, stateBytes } = this.retention;
    await this.#prune({ runsMs, eventsMs, blobsMs, modulesMs });
    await usage.measure();
    if (usage.total < stateBytes) return;
    const before = usage.total;
    await this.#prune({ runsMs, eventsMs: 0, blobsMs: AGENT_LIMITS.BLOB_GRACE_MS, modulesMs: 0 });
    await usage.measure();
    const most = AGENT_LIMITS.EARLY_ORDERS;
    while (usage.total >= stateBytes && await this.#pruneEarly(most) === most && !this.#stopped);
    const { total } = usage;
    this.#options.log("warn", "state folder at its limit", { before, total, stateBytes });
  }

  async #prune(keep: Omit<Retention, "stateBytes">): Promise<void> {
    const { store, clock, blobs, modules, policy } = this.#options;
    const now = clock.now();
    await pruneEvents(store, now - keep.eventsMs);
    await pruneRuns(store, { before: now - keep.runsMs, floor: clock.floor });
    // Files carry the local clock.
    const local = Date.now();
    await pruneContent(blobs, await neededBlobs(store), local - keep.blobsMs);
    await pruneOwners(store, blobs);
    await pruneContent(modules, await pruneManifests(store, policy()), local - keep.modulesMs);
  }

  /** Ended runs go before their time, but none that keeps a second run of its kind away. */
  #pruneEarly(most: number): Promise<number> {
    const { store, clock } = this.#options;
    const before = clock.now();
    return pruneRuns(store, { before, floor: clock.floor, most, keepIdempotent: true });
  }

  #sweepIn(ms: number): void {
    if (this.#stopped) return;
    this.#asked = ms === 0;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      await this.sweep();
      this.#asked = false;
      this.#sweepIn(AGENT_LIMITS.SWEEP_MS);
    }, ms);
  }
}
