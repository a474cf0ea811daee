import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { payloadType } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { Acknowledgement } from "../runs/order_intake.ts";
import { HttpRefusal } from "./refusal.ts";

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
  const limit = bodyLimit({
    maxSize: LIMITS.ORDER_BYTES,
    onError: () => {
      throw new HttpRefusal("too_large");
    },
  });

  app.post("/v1/orders", limit, async (c) => {
    const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
    if (type !== payloadType("order")) {
      throw new HttpRefusal("unsupported_media_type");
    }
    return c.json(await accept(await bodyOf(c)), 202);
  });

  return app;
}

/** The body, unless it trickles in so slowly that it only keeps a connection busy. */
async function bodyOf(c: Context): Promise<Uint8Array> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HttpRefusal("timeout")), AGENT_LIMITS.ORDER_BODY_MS);
  });
  try {
    return new Uint8Array(await Promise.race([c.req.arrayBuffer(), late]));
  } finally {
    clearTimeout(timer);
  }
}
