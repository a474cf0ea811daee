import { Hono } from "hono";
import type { ScriptName } from "../../core/documents/common.ts";
import type { Peering } from "../peers/peering.ts";
import { callerOf } from "./admit.ts";
import { HttpRefusal } from "./refusal.ts";

/** What {@linkcode channelRoutes} work with. */
export interface ChannelRouteParts {
  channels: Pick<Peering, "channel">;
}

/** Channels of scripts, for peers. One that nobody here has open is not there. */
export function channelRoutes({ channels }: ChannelRouteParts): Hono {
  const app = new Hono();
  app.get("/v1/channels/:publisher/:name/:channel", async (c) => {
    const caller = callerOf(c);
    if (caller.kind !== "signed") throw new HttpRefusal("not_found");
    const { publisher, name, channel } = c.req.param();
    const script: ScriptName = `${publisher}/${name}`;
    const response = await channels.channel(c.req.raw, caller.key, { script, name: channel });
    if (!response) throw new HttpRefusal("not_found");
    return response;
  });
  return app;
}
