import { type Context, Hono } from "hono";
import { AGENT_LIMITS } from "../limits.ts";
import type { EventHub } from "../runs/event_hub.ts";
import type { Scheduler } from "../runs/scheduler.ts";
import type { RunEventTable } from "../store/run_events.ts";
import type { RunTable } from "../store/runs.ts";
import { callerOf, onlyOrderers } from "./admit.ts";
import { streamRunEvents } from "./event_stream.ts";
import { EventStreamPlaces } from "./event_stream_places.ts";
import { countFrom, numberFrom } from "./parameters.ts";
import { HttpRefusal } from "./refusal.ts";

/** What {@linkcode runRoutes} work with. */
export interface RunParts {
  runs: RunTable;
  events: RunEventTable;
  hub: EventHub;
  scheduler: Pick<Scheduler, "cancel">;
  /** Aborted when the agent stops. */
  stopping: AbortSignal;
}

/** Runs, for the local operator; and for orderers, each their own. */
export function runRoutes({ runs, events, hub, scheduler, stopping }: RunParts): Hono {
  const app = new Hono();
  const places = new EventStreamPlaces();

  const runFrom = (c: Context) => {
    const run = runs.get(numberFrom(c.req.param("id")));
    const orderers = onlyOrderers(c);
    // What is not yours is not there.
    if (!run || orderers?.includes(run.orderer) === false) throw new HttpRefusal("not_found");
    return run;
  };

  app.get("/v1/runs", (c) => {
    const limit = countFrom(c.req.query("limit"), 50, AGENT_LIMITS.PAGE);
    const before = c.req.query("before");
    const below = before === undefined ? undefined : numberFrom(before);
    return c.json({ runs: runs.list(limit, below, onlyOrderers(c)) });
  });

  app.get("/v1/runs/:id", (c) => c.json(runFrom(c)));

  app.get("/v1/runs/:id/events", (c) => {
    const { id } = runFrom(c);
    const last = c.req.header("last-event-id") ?? c.req.query("after");
    const after = countFrom(last, 0, Number.MAX_SAFE_INTEGER);
    // Hono answers HEAD by way of GET, and nobody would ever read the stream to its end.
    if (c.req.method === "HEAD") return c.body(null, 200, { "content-type": "text/event-stream" });
    const caller = callerOf(c);
    const closed = places.take(caller.kind === "signed" ? caller.key : undefined);
    if (!closed) throw new HttpRefusal("busy");
    return streamRunEvents(c, { run: id, after, events, hub, stopping, closed });
  });

  app.post("/v1/runs/:id/cancel", async (c) => {
    const { id } = runFrom(c);
    const cancelled = await scheduler.cancel(id);
    return c.json({ run: id, cancelled }, cancelled ? 202 : 200);
  });

  return app;
}
