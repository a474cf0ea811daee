import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { AGENT_LIMITS } from "../limits.ts";
import type { EventHub } from "../runs/event_hub.ts";
import type { RunEventTable, StoredEvent } from "../store/run_events.ts";

/**
 * The events of a run as Server-Sent Events: those on disk first, then each as it is stored, and
 * the end after the outcome. `id` is the event's number, so a client that comes back with
 * `Last-Event-ID` misses nothing and sees nothing twice.
 *
 * @param options.stopping Ends every stream, when the agent stops.
 * @param options.closed Called once when nobody reads any more.
 * @see HTML Living Standard, "Server-sent events"
 */
export function streamRunEvents(
  c: Context,
  options: {
    run: number;
    after: number;
    events: RunEventTable;
    hub: EventHub;
    stopping: AbortSignal;
    closed(): void;
  },
): Response {
  const { run, events, hub, stopping, closed } = options;
  const left = new AbortController();
  const gone = AbortSignal.any([left.signal, stopping]);
  return streamSSE(c, async (stream) => {
    stream.onAbort(() => left.abort());
    try {
      let { after } = options;
      while (!gone.aborted) {
        // Ask before reading: what is stored in between then still wakes this reader.
        const more = hub.next(run, gone);
        const page = events.after(run, after, AGENT_LIMITS.EVENT_PAGE);
        for (const stored of page) {
          await stream.writeSSE(message(stored));
          after = stored.seq;
          if (typeOf(stored) === "outcome") return;
        }
        if (page.length === 0) await more;
      }
    } finally {
      left.abort();
      closed();
    }
  });
}

function message(stored: StoredEvent): { id: string; event: string; data: string } {
  const { seq, time, event } = stored;
  const data = JSON.stringify({ time: new Date(time).toISOString(), ...JSON.parse(event) });
  return { id: String(seq), event: typeOf(stored), data };
}

function typeOf({ event }: StoredEvent): string {
  return JSON.parse(event).type;
}
