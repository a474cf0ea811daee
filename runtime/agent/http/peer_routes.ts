import { type Context, Hono } from "hono";
import * as v from "valibot";
import type { KeyId } from "../../core/documents/common.ts";
import {
  EXCHANGE_BYTES,
  EXCHANGE_PATH,
  exchangeSchema,
  questionSchema,
  readAdvert,
  RESOLVE_PATH,
  writeAdverts,
} from "../../peer/membership/wire.ts";
import type { Peering } from "../peers/peering.ts";
import { callerOf } from "./admit.ts";
import { readBody } from "./body.ts";
import { HttpRefusal } from "./refusal.ts";

/** What {@linkcode peerRoutes} work with. */
export interface PeerParts {
  peers: Pick<Peering, "exchange" | "pass">;
}

/** How agents tell each other of agents. Every advert is judged by its own signature. */
export function peerRoutes({ peers }: PeerParts): Hono {
  const app = new Hono();

  app.post(EXCHANGE_PATH, async (c) => {
    const { adverts } = await bodyOf(c, exchangeSchema);
    return c.json(writeAdverts(await peers.exchange(adverts.map(readAdvert), peerOf(c))));
  });

  app.post(RESOLVE_PATH, async (c) => {
    const question = await bodyOf(c, questionSchema);
    const advert = await peers.pass(question, peerOf(c), c.req.raw.signal);
    return c.json({ advert: advert ? writeAdverts([advert]).adverts[0]! : null });
  });

  return app;
}

/** The route's guard lets in nobody else. */
function peerOf(c: Context): KeyId {
  const caller = callerOf(c);
  if (caller.kind === "signed" && caller.peer !== undefined) return caller.peer;
  throw new HttpRefusal("not_found");
}

async function bodyOf<S extends v.GenericSchema>(
  c: Context,
  schema: S,
): Promise<v.InferOutput<S>> {
  const bytes = await readBody(c, EXCHANGE_BYTES);
  try {
    return v.parse(schema, JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    throw new HttpRefusal("bad_request");
  }
}
