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
  const open = new Counts();
  let all = 0;

  pages.get("/live", "signed-in", (c) => {
    const { tenant, user } = visitorOf(c);
    const about = c.req.query("about") ?? "";
    const cookie = sessionCookie(c);
    const key = `${tenant} ${user.id}`;
    const isFull = all >= CONSOLE_LIMITS.STREAMS ||
      open.of(tenant) >= CONSOLE_LIMITS.STREAMS_OF_TENANT ||
      open.of(key) >= CONSOLE_LIMITS.STREAMS_OF_ONE;
    if (isFull) throw new HubError("busy", "Cannot follow one more page");
    all++;
    open.add(tenant, 1);
    open.add(key, 1);
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
          if (reason === "changed") await wake.pause(CONSOLE_LIMITS.CHANGES_MS);
        }
      } finally {
        clearInterval(beat);
        all--;
        open.add(tenant, -1);
        open.add(key, -1);
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

/** How many there are of each; those of which there are none take no room. */
class Counts {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string, change: 1 | -1): void {
    const count = this.of(key) + change;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}

type Reason = "changed" | "beat" | "aborted";

/** Waits for the next reason to go on; of several, the weightiest is told. */
class Wake {
  #pending: Reason | undefined;
  #resolve: (() => void) | undefined;
  readonly #aborted = Promise.withResolvers<void>();

  up(reason: Reason): void {
    if (reason === "aborted") this.#aborted.resolve();
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

  /** Lets more come together, unless there is nobody to tell any more. */
  async pause(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
    await Promise.race([over, this.#aborted.promise]);
    clearTimeout(timer);
  }
}
