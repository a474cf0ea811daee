import type { Signer } from "../../core/key.ts";
import { pause } from "../../core/wait.ts";
import type { HubEntry } from "../../policy/mod.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { EventHub } from "../runs/event_hub.ts";
import type { HubReportTable } from "../store/hub_reports.ts";
import type { Rules } from "../trust/load_rules.ts";
import type { TrustStore } from "../trust/trust_store.ts";
import { Backoff } from "./backoff.ts";
import { gatherFacts } from "./facts.ts";
import { HubClient } from "./hub_client.ts";
import { HubOrders, type OrderDoor } from "./hub_orders.ts";
import { HubSession, type HubSessionOptions } from "./hub_session.ts";
import { REVOKED_AT_HUB } from "./link_ends.ts";
import type { ScriptNotes } from "./script_notes.ts";
import { FACTS_AT_ONCE } from "./wire.ts";

/** What the agent's log says when its hub has revoked it, or another machine took its place. */
const REVOKED = "revoked at the hub";

/** What a {@linkcode HubLink} works with. */
export interface HubLinkOptions {
  signer: Signer;
  rules(): Rules;
  trust: TrustStore;
  door: OrderDoor;
  /** Tells when something happens in a run. */
  runEvents: Pick<EventHub, "watch">;
  reports: HubReportTable;
  notes: ScriptNotes;
  reload(): Promise<unknown>;
  releases: HubSessionOptions["releases"];
  level(): Promise<number | null>;
  stateBytes(): number;
  now(): number;
  log: Log;
  /** How long it waits between two connections. Default: as agents do. */
  backoff?: Backoff;
}

/**
 * Keeps one connection to the hub for as long as the agent runs. Without it the agent goes on under
 * the rules that it has; what happens meanwhile is in its own records.
 */
export class HubLink implements AsyncDisposable {
  readonly #options: HubLinkOptions;
  readonly #hub: HubEntry;
  readonly #stopping = new AbortController();
  readonly #instance = crypto.randomUUID();
  readonly #backoff: Backoff;
  readonly #watching: Disposable;
  readonly #going: Promise<void>;
  #session: HubSession | undefined;

  constructor(hub: HubEntry, options: HubLinkOptions) {
    this.#options = options;
    this.#hub = hub;
    this.#backoff = options.backoff ?? new Backoff();
    this.#watching = options.runEvents.watch((run) => this.#session?.changed(run));
    this.#going = this.#keep();
  }

  /** Other rules are in force. */
  rulesChanged(): void {
    this.#session?.rulesChanged().catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#watching[Symbol.dispose]();
    await this.#going;
  }

  async #keep(): Promise<void> {
    const { signer, now, log } = this.#options;
    using client = new HubClient({ hub: this.#hub, signer, now });
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let ended: string;
      try {
        ended = await this.#once(client);
      } catch (error) {
        ended = error instanceof Error && "code" in error ? String(error.code) : messageOf(error);
        if (ended === "no_place") this.#backoff.busy();
      }
      if (signal.aborted) return;
      const waitMs = Math.round(this.#backoff.next());
      const { url } = this.#hub;
      if (ended === REVOKED) log("error", REVOKED, { url, waitMs });
      else log("warn", "no hub", { url, why: ended, waitMs });
      await pause(waitMs, signal);
    }
  }

  async #once(client: HubClient): Promise<string> {
    const { rules, reports, notes, door, trust, reload, releases, level, stateBytes, log } =
      this.#options;
    const { signal } = this.#stopping;
    const socket = await client.connect(signal);
    const stop = () => socket.close(1000, "the agent stops");
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    const session = this.#session = new HubSession({
      ...{ socket, client, reports, notes, trust, rules, reload, releases, level, log },
      orders: new HubOrders({ door, reports, signal }),
      instance: this.#instance,
      facts: () =>
        Promise.resolve([
          ...gatherFacts(this.#hub.facts, { rules, stateBytes }),
          ...notes.facts(),
        ].slice(0, FACTS_AT_ONCE)),
      spread: (ms) => this.#backoff.succeeded(ms),
    });
    try {
      const why = await session.run();
      const end = await socket.closed;
      if (end.kind === "failed" || end.by === "us" || end.code !== REVOKED_AT_HUB) return why;
      this.#backoff.refused();
      return REVOKED;
    } finally {
      this.#session = undefined;
      signal.removeEventListener("abort", stop);
      socket.close();
    }
  }
}
