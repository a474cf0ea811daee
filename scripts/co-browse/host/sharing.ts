import type { Channel, Context } from "writ";
import { CoBrowseError } from "../errors.ts";
import { newKey, newSessionId } from "../keys.ts";
import { serveChannel } from "../link/channel_link.ts";
import { SessionLog } from "../session/session_log.ts";
import { readSettings } from "../settings.ts";
import { Desk } from "./desk.ts";
import { receive } from "./reception.ts";
import { SharedBrowser } from "./shared_browser.ts";

/** A browser that is shared, and the secret that its person's pages know. */
export interface Sharing {
  readonly shared: SharedBrowser;
  readonly desk: Desk;
  readonly deskKey: string;
  readonly place: Place;
}

/** Where a browser is shared, for those who are invited. */
export interface Place {
  /** The agent's id. */
  readonly agent: string;
  /** Where others reach the agent, if its grant says so. */
  readonly address?: string;
}

/** What an order to share says. */
export interface ShareInput {
  readonly url: string;
  readonly name?: string;
  readonly size?: { width: number; height: number };
}

/** How a session was. */
export interface ShareReport {
  readonly session: string;
  readonly ended: string;
}

/** Opens a browser and shares it, for as long as the run lasts. */
export async function share(
  { url, name, size }: ShareInput,
  ctx: Context,
  onBegin: (sharing: Sharing) => void,
): Promise<ShareReport> {
  if (!ctx.browser) {
    throw new CoBrowseError("not_lent", "Cannot share as the grant lends no browser");
  }
  const { address, ...settings } = readSettings(ctx.settings);
  const place = { agent: ctx.agent.id, ...(address !== undefined && { address }) };
  const id = newSessionId();
  const browser = await ctx.browser.open(url, size);
  const desk = new Desk();
  const now = () => performance.now();
  const log = new SessionLog((event, data) => ctx.emit(event, data), now);
  const shared = new SharedBrowser(browser, {
    ...settings,
    ...(name !== undefined && { name }),
    id,
    now,
    newKey,
  }, {
    tell: (message) => desk.tell(message),
    audit: (event, data) => log.note(event, data),
  });
  const stop = () => shared.stop();
  ctx.signal.addEventListener("abort", stop, { once: true });
  let channel: Channel | undefined;
  try {
    ctx.signal.throwIfAborted();
    onBegin({ shared, desk, deskKey: newKey(), place });
    channel = await ctx.channel?.(channelOf(id));
    if (channel) {
      serveChannel(channel, (_peer, link) => receive(shared.session, link)).catch((error) => {
        ctx.log.warn("No agent can join any more:", error);
      });
    }
    const { publisher, name: script } = ctx.script;
    ctx.progress(
      0,
      `Session ${id}: invite, let in and stop at /s/${publisher}/${script}/ of this agent, on this ` +
        `machine: https://localhost:8799/s/${publisher}/${script}/, or http where it listens to nobody else`,
    );
    await shared.share(url);
  } finally {
    stop();
    ctx.signal.removeEventListener("abort", stop);
    await channel?.close();
  }
  return { session: id, ended: shared.session.ended ?? "stopped" };
}

/** Where those of a session meet. */
export function channelOf(session: string): string {
  return `s-${session}`;
}
