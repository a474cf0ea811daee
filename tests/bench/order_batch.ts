import type { KeyId, ScriptName } from "../../runtime/core/documents/common.ts";
import type { Order } from "../../runtime/core/documents/order.ts";
import { sealDocument } from "../../runtime/core/dsse.ts";
import type { Signer } from "../../runtime/core/key.ts";

/** What orders are for, and who gives them. */
export interface OrderBatch {
  agent: KeyId;
  fleet: string;
  script: ScriptName;
  signer: Signer;
}

/**
 * Signs orders that will not run before the benchmark is over: what is measured is that they are
 * verified and on disk, not what their scripts do.
 */
export function signOrders(batch: OrderBatch, count: number): Uint8Array<ArrayBuffer>[] {
  const { agent, fleet, script, signer } = batch;
  const now = Date.now();
  const orders: Uint8Array<ArrayBuffer>[] = [];
  for (let i = 0; i < count; i++) {
    const order: Order = {
      id: crypto.randomUUID(),
      fleet,
      script: { name: script, range: "*" },
      input: { n: i },
      attachments: [],
      audience: { agents: [agent] },
      issued: instant(now),
      expires: instant(now + 7_200_000),
      schedule: { at: instant(now + 3_600_000) },
    };
    orders.push(new Uint8Array(sealDocument("order", order, [signer])));
  }
  return orders;
}

function instant(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
