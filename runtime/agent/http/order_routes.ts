import { type Context, Hono } from "hono";
import type { Digest } from "../../core/documents/common.ts";
import { payloadType } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Acknowledgement } from "../orders/order_intake.ts";
import { AGENT_LIMITS } from "../limits.ts";
import { callerOf } from "./admit.ts";
import { readBody } from "./body.ts";
import { BodyRoom } from "./body_room.ts";
import { HttpRefusal } from "./refusal.ts";

/** What {@linkcode orderRoutes} work with. */
export interface OrderParts {
  accept(bytes: Uint8Array): Promise<Acknowledgement>;
  /** What of an order's attachments its orderer did not upload, and may from now on. */
  missing(bytes: Uint8Array, byOperator: boolean): Promise<Digest[]>;
}

/**
 * `POST /v1/orders`: the order's own signature says who asks, so no other proof is wanted. 202
 * means that it is on disk. `POST /v1/attachments` with the same order comes before it where
 * documents have to be uploaded.
 */
export function orderRoutes({ accept, missing }: OrderParts): Hono {
  const app = new Hono();
  const room = new BodyRoom(AGENT_LIMITS.ORDER_BODIES_BYTES);
  const readOrder = async (c: Context) => {
    const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
    if (type !== payloadType("order")) throw new HttpRefusal("unsupported_media_type");
    return await readBody(c, LIMITS.ORDER_BYTES, room);
  };
  app.post("/v1/orders", async (c) => c.json(await accept(await readOrder(c)), 202));
  app.post("/v1/attachments", async (c) => {
    const byOperator = callerOf(c).kind === "operator";
    return c.json({ missing: await missing(await readOrder(c), byOperator) });
  });
  return app;
}
