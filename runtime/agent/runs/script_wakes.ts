import { requireScheduleRoom, type Wake, type Wakes } from "../../capabilities/schedule.ts";
import { canonicalBytes } from "../../core/canonical_json.ts";
import { digestOf } from "../../core/digest.ts";
import type { KeyId, ScriptName } from "../../core/documents/common.ts";
import type { Order } from "../../core/documents/order.ts";
import { instantOf } from "../../core/instant.ts";
import { SCRIPT_ORDERER } from "../../core/verification/order.ts";
import { CapabilityError } from "../../sandbox/mod.ts";
import type { OrderTable } from "../store/orders.ts";
import type { RunEventTable } from "../store/run_events.ts";
import type { RunTable, UnfinishedRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import type { Scheduler } from "./scheduler.ts";

/** How long after its time a run is still worth beginning, when the agent was off. */
const GOOD_FOR_MS = 366 * 86_400_000;

/** What {@linkcode ScriptWakes} work with. */
export interface ScriptWakesOptions {
  agent: KeyId;
  store: Store;
  orders: OrderTable;
  runs: RunTable;
  events: RunEventTable;
  scheduler: Pick<Scheduler, "add" | "withdraw">;
  fleet(): string;
  now(): number;
}

/**
 * What scripts schedule for themselves: each is stored as an order and a run at once, so that it
 * survives whatever a run that waits survives, and begins once. One that is replaced or taken back
 * leaves no row, so that a script that changes its mind all day does not fill the disk.
 */
export class ScriptWakes implements Wakes {
  readonly #options: ScriptWakesOptions;
  /** Changes of one key go one after another. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: ScriptWakesOptions) {
    this.#options = options;
  }

  now(): number {
    return this.#options.now();
  }

  set(script: ScriptName, version: string, wake: Wake): Promise<{ id: string }> {
    const { key } = wake;
    if (key === undefined) return this.#store(script, version, wake);
    return this.#inTurn(script, key, async () => {
      const old = this.#withdraw(script, key);
      try {
        return await this.#store(script, version, wake, old);
      } catch (error) {
        if (old) this.#options.scheduler.add(old);
        throw error;
      }
    });
  }

  delete(script: ScriptName, key: string): Promise<boolean> {
    return this.#inTurn(script, key, async () => {
      const old = this.#withdraw(script, key);
      if (!old) return false;
      try {
        await this.#options.store.write(() => this.#remove(old));
        return true;
      } catch (error) {
        this.#options.scheduler.add(old);
        throw error;
      }
    });
  }

  async #store(
    script: ScriptName,
    version: string,
    wake: Wake,
    old?: UnfinishedRun,
  ): Promise<{ id: string }> {
    const { store, orders, runs, events, scheduler, now } = this.#options;
    const order = this.#orderOf(script, version, wake);
    const envelope = payloadOf(order);
    const expires = Date.parse(order.expires);
    const run = await store.write(() => {
      if (old) this.#remove(old);
      const { runs: count, bytes } = this.#scheduled(script);
      requireScheduleRoom({ runs: count + 1, bytes: bytes + envelope.length });
      orders.insert(
        { order, orderer: SCRIPT_ORDERER, digest: digestOf(envelope), envelope },
        now(),
      );
      store.sql("UPDATE orders SET start_at = ? WHERE id = ?").run(wake.at, order.id);
      const id = runs.create(order.id, script, now());
      events.append(id, now(), { type: "state", state: "accepted" });
      return id;
    });
    scheduler.add({
      id: run,
      order: order.id,
      script,
      state: "accepted",
      attempt: 1,
      first: run,
      idempotent: false,
      retry: null,
      repeat: null,
      startAt: wake.at,
      expires,
      queueKey: wake.key ?? null,
      bytes: envelope.length,
      orderer: SCRIPT_ORDERER,
    });
    return { id: order.id };
  }

  #orderOf(script: ScriptName, version: string, { at, input, key }: Wake): Order {
    const { agent, fleet, now } = this.#options;
    return {
      id: crypto.randomUUID(),
      fleet: fleet(),
      // Its own version stands there for prereleases, which no other range lets in.
      script: { name: script, range: `* || ${version}` },
      input: input ?? null,
      attachments: [],
      audience: { agents: [agent] },
      issued: instantOf(now()),
      expires: instantOf(Math.max(at, now()) + GOOD_FOR_MS),
      ...(key !== undefined && { queueKey: key }),
    };
  }

  /** What a script scheduled and has not ended. */
  #scheduled(script: ScriptName): { runs: number; bytes: number } {
    const row = this.#options.store
      .sql(
        `SELECT count(*) AS runs, coalesce(sum(length(envelope)), 0) AS bytes
         FROM runs JOIN orders ON orders.id = order_id
         WHERE state <> 'ended' AND runs.script = ? AND orderer = '${SCRIPT_ORDERER}'`,
      )
      .get(script);
    return row as { runs: number; bytes: number };
  }

  /** Takes back the run of this key that has not begun; what runs already is not replaced. */
  #withdraw(script: ScriptName, key: string): UnfinishedRun | undefined {
    const { runs, scheduler } = this.#options;
    return runs.scheduled(script, key).find(({ id }) => scheduler.withdraw(id));
  }

  /** Call inside `Store.write()`. A number is never given out again, also without its row. */
  #remove(run: UnfinishedRun): void {
    const { store } = this.#options;
    store.sql("DELETE FROM run_events WHERE run = ?").run(run.id);
    store.sql("DELETE FROM runs WHERE id = ?").run(run.id);
    store.sql("DELETE FROM orders WHERE id = ?").run(run.order);
  }

  #inTurn<T>(script: ScriptName, key: string, work: () => Promise<T>): Promise<T> {
    const name = `${script}\n${key}`;
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(work, work);
    const settled = turn.catch(() => {}).finally(() => {
      if (this.#turns.get(name) === settled) this.#turns.delete(name);
    });
    this.#turns.set(name, settled);
    return turn;
  }
}

/** Canonical JSON takes no number and no text that others would read differently. */
function payloadOf(order: Order): Uint8Array {
  try {
    return canonicalBytes(order);
  } catch (cause) {
    const message = "Cannot schedule this input as it is not JSON that everybody reads the same";
    throw new CapabilityError("invalid", message, { cause });
  }
}
