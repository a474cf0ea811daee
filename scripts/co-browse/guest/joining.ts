import type { Channel, Context } from "writ";
import { CoBrowseError } from "../errors.ts";
import { channelOf } from "../host/sharing.ts";
import { readInvitation } from "../keys.ts";
import { serveChannel } from "../link/channel_link.ts";
import { readSettings } from "../settings.ts";
import { Follower } from "./follower.ts";

/** What an order to join says. */
export interface JoinInput {
  /** The agent that shares: its id, or its name in this agent's policy. */
  readonly peer: string;
  readonly invitation: string;
  readonly name?: string;
}

/** How long the agent that shares may be out of reach. */
const PATIENCE_MS = 2 * 60_000;

/** What it says when it gives up: nobody says what is amiss to one who is refused. */
const OUT_OF_REACH =
  "The agent that shares was out of reach for two minutes. It must run and share, " +
  "have this agent as a peer, and its clock must be less than five minutes from the one here";

/** What the run says of itself. */
const STATES = {
  waiting: "Waiting to be let in",
  following: "Following",
  leading: "You have control",
  gone: "The browser here is gone, and is started again",
} as const;

/** Opens a browser that follows a shared one, for as long as the run lasts. */
export async function join(
  { peer, invitation, name }: JoinInput,
  ctx: Context,
  onBegin: (follower: Follower) => void,
): Promise<{ session: string; ended: string }> {
  const { browser: lent, channel: open, peers } = ctx;
  if (!lent || !open || !peers) {
    throw new CoBrowseError(
      "not_lent",
      "Cannot join as the grant lends not all of browser, channel, peers",
    );
  }
  const invited = readInvitation(invitation);
  if (!invited) {
    throw new CoBrowseError(
      "bad_input",
      "Cannot join as the invitation is not whole: copy it from the sharing person's page",
    );
  }
  const host = (await peers.list()).find(({ id, name }) => id === peer || name === peer);
  if (!host) throw new CoBrowseError("bad_input", "Cannot join as the policy names no such peer");
  const follower = new Follower({
    ...invited,
    name: name ?? readSettings(ctx.settings).name,
    open: (url) => lent.open(url),
    onState: (state) => {
      ctx.progress(0, STATES[state]);
      ctx.emit(state, { session: invited.session, host: host.id });
    },
    onPage: originWatch((origin) => {
      ctx.emit("follows", { session: invited.session, host: host.id, origin });
    }),
  });
  const leave = () => follower.leave();
  const giveUp = () => {
    ctx.progress(0, OUT_OF_REACH);
    leave();
  };
  ctx.signal.addEventListener("abort", leave, { once: true });
  let channel: Channel | undefined;
  let alone: ReturnType<typeof setTimeout> | undefined;
  try {
    ctx.signal.throwIfAborted();
    onBegin(follower);
    channel = await open(channelOf(invited.session));
    alone = setTimeout(giveUp, PATIENCE_MS);
    serveChannel(channel, (from, link) => {
      if (from !== host.id) return undefined;
      clearTimeout(alone);
      const receiver = follower.connect(link);
      return {
        take: (text) => receiver.take(text),
        lost() {
          receiver.lost();
          alone = setTimeout(giveUp, PATIENCE_MS);
        },
      };
    }).catch((error) => {
      ctx.log.warn("The channel to the sharing agent has ended:", error);
      leave();
    });
    return { session: invited.session, ended: await follower.ended };
  } catch (error) {
    leave();
    throw error;
  } finally {
    clearTimeout(alone);
    ctx.signal.removeEventListener("abort", leave);
    await channel?.close();
  }
}

/** Tells an origin when it is another than before. */
function originWatch(tell: (origin: string) => void): (url: string) => void {
  let last = "";
  return (url) => {
    const origin = URL.parse(url)?.origin ?? "";
    if (origin === last) return;
    last = origin;
    tell(origin);
  };
}
