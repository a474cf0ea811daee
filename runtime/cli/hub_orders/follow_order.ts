import { setTimeout as pause } from "node:timers/promises";
import { printable } from "../../core/printable.ts";
import type { Delivery, HubOrder, LogEntry } from "../../hub/mod.ts";
import type { Cli } from "../cli.ts";
import type { HubApi } from "../reach/hub_api.ts";
import { catchInterrupt } from "../terminal/io.ts";
import { eventText, isOpen, outcomeText, standOf } from "./hub_order_words.ts";
import { orderPath } from "./show_orders.ts";

/** Between two looks. */
const LOOK_MS = 500;

/** States of an agent's part in which nothing more comes of it. */
const OVER: readonly Delivery["state"][] = ["ended", "refused", "expired", "cancelled"];

/**
 * Follows an order until nothing more comes of it: what its runs say on stderr, each line with the
 * agent's name, and at the end where it stands.
 *
 * @returns 0 only when every agent's run ended with `ok`.
 */
export async function followHubOrder(cli: Cli, api: HubApi, id: string): Promise<number> {
  const path = await orderPath(api, id);
  using interrupt = catchInterrupt(cli.io);
  const told = new Told(cli, api, path);
  for (;;) {
    const order = await api.json<HubOrder>("GET", path);
    const { items } = await api.list<Delivery>(`${path}/deliveries`);
    for (const delivery of items) await told.tell(delivery);
    const isOver = !isOpen(order);
    if (isOver || interrupt.signal.aborted) {
      if (!isOver) cli.note(`The order goes on. End it with: writ hub cancel ${order.id}`);
      cli.answer({ ...order, deliveries: items }, () => standOf(order));
      return isOver && items.every(({ outcome }) => outcome?.outcome === "ok") ? 0 : 1;
    }
    // Ended early by Ctrl-C, and then looked at once more.
    await pause(LOOK_MS, undefined, { signal: interrupt.signal }).catch(() => {});
  }
}

/** What was told already of each agent's part. */
class Told {
  readonly #cli: Cli;
  readonly #api: HubApi;
  readonly #path: string;
  readonly #seen = new Map<string, { updated: number; state: string; events: number }>();

  constructor(cli: Cli, api: HubApi, path: string) {
    this.#cli = cli;
    this.#api = api;
    this.#path = path;
  }

  /** Tells what is new of one agent's part. */
  async tell({ agent, agentName, state, updated, refusal, outcome }: Delivery): Promise<void> {
    const before = this.#seen.get(agent) ?? { updated: 0, state: "queued", events: 0 };
    if (before.updated === updated && before.state === state) return;
    const { items } = await this.#api.list<LogEntry>(`${this.#path}/log`, { agent });
    for (const { event } of items.slice(before.events)) {
      if (event.type !== "state" && event.type !== "outcome") {
        this.#line(agentName, eventText(event));
      }
    }
    this.#seen.set(agent, { updated, state, events: items.length });
    if (state === before.state || !OVER.includes(state)) return;
    this.#line(
      agentName,
      outcome ? outcomeText(outcome) : `${state}${refusal ? `: ${refusal}` : ""}`,
    );
  }

  #line(name: string, text: string): void {
    this.#cli.note(`${printable(name)}  ${printable(text)}`);
  }
}
