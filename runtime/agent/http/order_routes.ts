import { type Context, Hono } from "hono";
import { payloadType } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { Acknowledgement } from "../runs/order_intake.ts";
import { HttpRefusal } from "./refusal.ts";

/** What {@linkcode orderRoutes} work with. */
export interface OrderParts {
  accept(bytes: Uint8Array): Promise<Acknowledgement>;
  /** Told of every refusal that did not come from `accept`. */
  refused(code: string): void;
}

/**
 * `POST /v1/orders`: the order's own signature says who asks, so no other proof is wanted. 202
 * means that it is on disk.
 */
export function orderRoutes({ accept }: OrderParts): Hono {
  const app = new Hono();

  app.post("/v1/orders", async (c) => {
    const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
    if (type !== payloadType("order")) {
      throw new HttpRefusal("unsupported_media_type");
    }
    return c.json(await accept(await bodyOf(c)), 202);
  });

  return app;
}

/** The body, unless it breaks off or trickles in so slowly that it only keeps a connection busy. */
async function bodyOf(c: Context): Promise<Uint8Array> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HttpRefusal("timeout")), AGENT_LIMITS.ORDER_BODY_MS);
  });
  const body = read(c).catch((error) => {
    throw error instanceof HttpRefusal ? error : new HttpRefusal("incomplete");
  });
  try {
    return await Promise.race([body, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** All at once where the length is announced, which the server then keeps; else piece by piece. */
async function read(c: Context): Promise<Uint8Array> {
  const length = c.req.header("content-length");
  if (Number(length) > LIMITS.ORDER_BYTES) throw new HttpRefusal("too_large");
  if (length !== undefined && c.req.header("transfer-encoding") === undefined) {
    return new Uint8Array(await c.req.arrayBuffer());
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let left = LIMITS.ORDER_BYTES;
  for await (const chunk of c.req.raw.body ?? []) {
    left -= chunk.length;
    if (left < 0) throw new HttpRefusal("too_large");
    chunks.push(chunk);
  }
  return await new Blob(chunks).bytes();
}
