import type { Digest, ScriptName } from "../../core/documents/common.ts";
import type { Order } from "../../core/documents/order.ts";
import type { Store } from "./store.ts";

/** An order that was verified and may be stored. */
export interface AcceptedOrder {
  order: Order;
  orderer: string;
  digest: Digest;
  envelope: Uint8Array;
}

/** An order as it was received. */
export interface StoredOrder {
  id: string;
  digest: Digest;
  orderer: string;
  script: ScriptName;
  /** Verified again, against the policy of that moment, before it runs. */
  envelope: Uint8Array;
  received: number;
}

/** The table of orders. Its ids are never removed while an order could still be replayed. */
export class OrderTable {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  has(id: string): boolean {
    const sql =
      "SELECT 1 FROM orders WHERE id = ?1 UNION ALL SELECT 1 FROM spent_orders WHERE id = ?1";
    return this.#store.sql(sql).get(id) !== undefined;
  }

  get(id: string): StoredOrder | undefined {
    const row = this.#store
      .sql("SELECT id, digest, orderer, script, envelope, received FROM orders WHERE id = ?")
      .get(id);
    return row as unknown as StoredOrder | undefined;
  }

  /** The order that came before with the same key from the same orderer for the same script. */
  withIdempotencyKey({ order, orderer }: AcceptedOrder): string | undefined {
    if (order.idempotencyKey === undefined) return undefined;
    const row = this.#store
      .sql("SELECT id FROM orders WHERE orderer = ? AND script = ? AND idempotency_key = ?")
      .get(orderer, order.script.name, order.idempotencyKey);
    return row?.id as string | undefined;
  }

  /** Call inside `Store.write()`. */
  insert({ order, orderer, digest, envelope }: AcceptedOrder, received: number): void {
    this.#store
      .sql("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .run(
        order.id,
        digest,
        orderer,
        order.script.name,
        envelope,
        received,
        Date.parse(order.expires),
        order.schedule ? Date.parse(order.schedule.at) : null,
        order.queueKey ?? null,
        order.idempotencyKey ?? null,
        order.schedule?.repeat ? JSON.stringify(order.schedule.repeat) : null,
      );
  }
}
