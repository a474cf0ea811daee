import { Hono } from "hono";
import type { Exposition } from "../metrics/prometheus.ts";

/** `GET /metrics` for a scraper on this machine: it tells names of scripts and how they fare. */
export function metricsRoute(scrape: () => Promise<Exposition>): Hono {
  const app = new Hono();
  app.get("/metrics", async (c) => {
    const { type, text } = await scrape();
    return c.body(text, 200, { "content-type": type });
  });
  return app;
}
