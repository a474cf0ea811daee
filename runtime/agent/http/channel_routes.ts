import { type Context, Hono } from "hono";
import type { ScriptName } from "../../core/documents/common.ts";
import type { Peering } from "../peers/peering.ts";
import { callerOf } from "./admit.ts";
import { HttpRefusal, refuse } from "./refusal.ts";

/**
 * What becomes a socket, or why it does not. Who calls again and again for what is not there at the
 * moment does what it should: that is no refusal to be written down.
 */
export function socketAnswer(c: Context, answer: Response | "not_now" | undefined): Response {
  if (answer === "not_now") return refuse(c, new HttpRefusal("not_found"));
  if (answer) return answer;
  throw new HttpRefusal("not_found");
}

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
    return socketAnswer(c, response);
  });
  return app;
}
