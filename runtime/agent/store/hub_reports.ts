import type { Store } from "./store.ts";

/** Up to which event the hub has what came of an order. */
export interface HubReport {
  readonly order: string;
  readonly run: number;
  readonly seq: number;
}

/** An event that the hub has not got. */
export interface UnreportedEvent {
  readonly run: number;
  readonly seq: number;
  readonly time: number;
  readonly event: string;
}

/** The table of orders that came by the hub, until the hub has all that came of them. */
export class HubReportTable {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Remembers an order whose runs the hub is to hear of; resolves when that is on disk. */
  async add(order: string): Promise<void> {
    await this.#store.write(() =>
      this.#store.sql("INSERT OR IGNORE INTO hub_reports VALUES (?, 0, 0)").run(order)
    );
  }

  get(order: string): HubReport | undefined {
    const sql = `SELECT order_id AS "order", run, seq FROM hub_reports WHERE order_id = ?`;
    return this.#store.sql(sql).get(order) as HubReport | undefined;
  }

  /** Orders behind this one, in the sequence of their ids. */
  after(order: string, limit: number): string[] {
    const sql = "SELECT order_id FROM hub_reports WHERE order_id > ? ORDER BY order_id LIMIT ?";
    return this.#store.sql(sql).all(order, limit).map((row) => row.order_id as string);
  }

  /** The order of a run, where the hub is to hear of it. */
  ofRun(run: number): string | undefined {
    const sql = `SELECT order_id FROM hub_reports
      WHERE order_id = (SELECT order_id FROM runs WHERE id = ?)`;
    return this.#store.sql(sql).get(run)?.order_id as string | undefined;
  }

  /** What the hub has not got, in sequence. */
  unreported({ order, run, seq }: HubReport, limit: number): UnreportedEvent[] {
    const sql = `SELECT run, seq, time, event FROM run_events JOIN runs ON runs.id = run
      WHERE order_id = ?1 AND (run > ?2 OR (run = ?2 AND seq > ?3)) ORDER BY run, seq LIMIT ?4`;
    return this.#store.sql(sql).all(order, run, seq, limit) as unknown as UnreportedEvent[];
  }

  /** Whether nothing more will happen with an order. */
  isOver(order: string): boolean {
    const sql = "SELECT 1 FROM runs WHERE order_id = ? AND state <> 'ended'";
    return this.#store.sql(sql).get(order) === undefined;
  }

  /** The hub has everything up to an event; resolves when that is on disk. */
  async advance({ order, run, seq }: HubReport, over: boolean): Promise<void> {
    await this.#store.write(() => {
      if (over) this.#store.sql("DELETE FROM hub_reports WHERE order_id = ?").run(order);
      else {
        this.#store.sql("UPDATE hub_reports SET run = ?, seq = ? WHERE order_id = ?")
          .run(run, seq, order);
      }
    });
  }
}
