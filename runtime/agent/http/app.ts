import { Hono } from "hono";
import { VerificationError } from "../../core/errors.ts";
import type { ContentStore } from "../content_store.ts";
import { AgentError, messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Exposition } from "../metrics/scrape.ts";
import { blobRoutes } from "./blob_routes.ts";
import { knownHosts, operatorOnly, safeAnswers } from "./guards.ts";
import { refuseOtherMethods } from "./methods.ts";
import { metricsRoute } from "./metrics_route.ts";
import { type OrderParts, orderRoutes } from "./order_routes.ts";
import { type PolicyParts, policyRoutes } from "./policy_routes.ts";
import { type PublicParts, publicRoutes } from "./public_routes.ts";
import { type RecordParts, recordRoutes } from "./record_routes.ts";
import { HttpRefusal, refuse } from "./refusal.ts";
import { type RunParts, runRoutes } from "./run_routes.ts";

/** What the HTTP interface works with. */
export interface AppParts extends PublicParts, OrderParts, RunParts, RecordParts, PolicyParts {
  blobs: ContentStore;
  /** Names without port by which this agent is also known, besides the loopback ones. */
  hosts: readonly string[];
  /** Whether a token is the operator's; the same time for every token. */
  isOperator(token: string): boolean;
  /** For a scraper on this machine; absent where there are no metrics. */
  scrape?(): Promise<Exposition>;
  log: Log;
}

/**
 * The agent's HTTP interface. In front of everything stand the host and origin checks; what is
 * public is listed in `public_routes.ts` and `order_routes.ts`, the rest is the local operator's.
 */
export function createApp(parts: AppParts): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    // Hono's own refusals, such as that of a missing token, carry their answer.
    if ("getResponse" in error) {
      parts.refused("unauthorized");
      return error.getResponse();
    }
    const expected = error instanceof HttpRefusal || error instanceof VerificationError ||
      error instanceof AgentError;
    if (error instanceof HttpRefusal) parts.refused(error.code);
    if (!expected || (error instanceof AgentError)) {
      parts.log("warn", "request failed", { path: c.req.path, error: messageOf(error) });
    }
    return refuse(c, error);
  });
  app.notFound((c) => refuse(c, new HttpRefusal("not_found")));
  app.use(safeAnswers(), knownHosts(parts.hosts));
  const operator = operatorOnly(parts.isOperator);
  for (const path of ["runs", "blobs", "audit", "acceptlists", "policy"]) {
    app.use(`/v1/${path}/*`, ...operator);
  }
  app.route("/", publicRoutes(parts));
  app.route("/", orderRoutes(parts));
  app.route("/", runRoutes(parts));
  app.route("/", blobRoutes(parts.blobs));
  app.route("/", recordRoutes(parts));
  app.route("/", policyRoutes(parts));
  if (parts.scrape) app.route("/", metricsRoute(parts.scrape));
  refuseOtherMethods(app);
  return app;
}
