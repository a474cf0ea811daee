import { streamSSE } from "hono/streaming";
import type { HubEvent } from "../../events/hub_events.ts";
import { HubError } from "../../errors.ts";
import type { ConsoleParts } from "../console_parts.ts";
import { visitorOf } from "../environment.ts";
import { CONSOLE_LIMITS } from "../limits.ts";
import type { Pages } from "../pages.ts";
import { sessionCookie } from "../session_cookie.ts";

type Parts = Pick<ConsoleParts, "events" | "sessions">;

/** Tells open pages that what they show has changed. What it is, they read as any page is read. */
export function addLiveStreams(pages: Pages, { events, sessions }: Parts): void {
  const open = new Map<string, number>();
  let all = 0;

  pages.get("/live", "signed-in", (c) => {
    const { tenant, user } = visitorOf(c);
    const about = c.req.query("about") ?? "";
    const cookie = sessionCookie(c);
    const key = `${tenant} ${user.id}`;
    const own = open.get(key) ?? 0;
    if (all >= CONSOLE_LIMITS.STREAMS || own >= CONSOLE_LIMITS.STREAMS_OF_ONE) {
      throw new HubError("busy", "Cannot follow one more page");
    }
    all++;
    open.set(key, own + 1);
    c.header("X-Accel-Buffering", "no");
    return streamSSE(c, async (stream) => {
      const wake = new Wake();
      using _listener = events.on(tenant, (event) => isAbout(event, about) && wake.up("changed"));
      const beat = setInterval(() => wake.up("beat"), CONSOLE_LIMITS.BEAT_MS);
      stream.onAbort(() => wake.up("aborted"));
      try {
        while (!stream.aborted && !stream.closed) {
          const reason = await wake.next();
          if (reason === "aborted") return;
          // A session that has ended hears nothing more.
          if (!await sessions.find(cookie, false)) {
            await stream.writeSSE({ event: "over", data: "" });
            return;
          }
          await stream.writeSSE({ event: reason, data: "" });
        }
      } finally {
        clearInterval(beat);
        all--;
        const left = (open.get(key) ?? 1) - 1;
        if (left === 0) open.delete(key);
        else open.set(key, left);
      }
    });
  });
}

function isAbout(event: HubEvent, about: string): boolean {
  const [kind, id] = about.split(" ", 2);
  switch (event.type) {
    case "agent":
      return ["fleet", "agents", "releases"].includes(kind ?? "") ||
        (kind === "agent" && id === event.id);
    case "order":
      return kind === "fleet" || kind === "orders" || (kind === "order" && id === event.id);
    case "log":
      return kind === "order" && id === event.order;
    case "audit":
      return kind === "audit";
    case "rollout":
      return kind === "rollouts" || kind === "releases" ||
        (kind === "rollout" && id === event.id);
    case "list":
      return kind === "fleet" || kind === "list";
    default:
      return false;
  }
}

type Reason = "changed" | "beat" | "aborted";

/** Waits for the next reason to go on; of several, the weightiest is told. */
class Wake {
  #pending: Reason | undefined;
  #resolve: (() => void) | undefined;

  up(reason: Reason): void {
    if (this.#pending !== "aborted" && !(this.#pending === "changed" && reason === "beat")) {
      this.#pending = reason;
    }
    this.#resolve?.();
  }

  async next(): Promise<Reason> {
    if (!this.#pending) await new Promise<void>((resolve) => this.#resolve = resolve);
    const reason = this.#pending!;
    this.#pending = undefined;
    this.#resolve = undefined;
    return reason;
  }
}
