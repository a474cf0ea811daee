import { type Context, Hono } from "hono";
import * as v from "valibot";
import { keyIdSchema, type PublicKey } from "../../core/documents/common.ts";
import { CALLS_PATH, RELAY_PATH, WAYS_PATH } from "../../peer/relay/limits.ts";
import type { Peering } from "../peers/peering.ts";
import { callerOf } from "./admit.ts";
import { socketAnswer } from "./channel_routes.ts";
import { HttpRefusal } from "./refusal.ts";

/** What {@linkcode relayRoutes} work with. */
export interface RelayRouteParts {
  relaying: Pick<Peering, "keepRelayed" | "passOn" | "calls">;
}

/** Being a relay, and taking calls through one. Where the policy wants no relay, none is there. */
export function relayRoutes({ relaying }: RelayRouteParts): Hono {
  const app = new Hono();

  app.get(
    RELAY_PATH,
    async (c) => socketAnswer(c, await relaying.keepRelayed(c.req.raw, keyOf(c))),
  );

  app.get(`${WAYS_PATH}/:agent`, async (c) => {
    const agent = v.safeParse(keyIdSchema, c.req.param("agent"));
    if (!agent.success) throw new HttpRefusal("not_found");
    return socketAnswer(c, await relaying.passOn(c.req.raw, keyOf(c), agent.output));
  });

  app.get(CALLS_PATH, async (c) => await relaying.calls(c.req.raw, keyOf(c)));

  return app;
}

function keyOf(c: Context): PublicKey {
  const caller = callerOf(c);
  if (caller.kind === "signed") return caller.key;
  throw new HttpRefusal("not_found");
}
