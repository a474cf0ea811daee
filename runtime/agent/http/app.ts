import { Hono } from "hono";
import { VerificationError } from "../../core/errors.ts";
import { type EndpointParts, scriptEndpoints } from "../endpoint/endpoint.ts";
import { AgentError, messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { PeerError } from "../../peer/mod.ts";
import type { Exposition } from "../metrics/prometheus.ts";
import { type ChannelRouteParts, channelRoutes } from "./channel_routes.ts";
import { type CallerParts, guardRoutes, requireGuarded, tellRefusal } from "./admit.ts";
import { type BlobParts, blobRoutes } from "./blob_routes.ts";
import { knownHosts, safeAnswers } from "./guards.ts";
import { ROUTES } from "./route_table.ts";
import { refuseOtherMethods } from "./methods.ts";
import { metricsRoute } from "./metrics_route.ts";
import { type OrderParts, orderRoutes } from "./order_routes.ts";
import { type PolicyParts, policyRoutes } from "./policy_routes.ts";
import { type PublicParts, publicRoutes } from "./public_routes.ts";
import { type RecordParts, recordRoutes } from "./record_routes.ts";
import { HttpRefusal, refuse } from "./refusal.ts";
import { type ReleaseParts, releaseRoutes } from "./release_routes.ts";
import { type RunParts, runRoutes } from "./run_routes.ts";
import { type ScriptParts, scriptRoutes } from "./script_routes.ts";
import { type PeerParts, peerRoutes } from "./peer_routes.ts";
import { type SwarmParts, swarmRoutes } from "./swarm_routes.ts";
import { type RelayRouteParts, relayRoutes } from "./relay_routes.ts";
import { signedAnswers } from "./signed_answers.ts";

/** What the HTTP interface works with. */
export interface AppParts
  extends
    CallerParts,
    PublicParts,
    ScriptParts,
    OrderParts,
    RunParts,
    BlobParts,
    RecordParts,
    PolicyParts,
    ReleaseParts,
    SwarmParts,
    ChannelRouteParts,
    RelayRouteParts,
    PeerParts {
  /** Names without port by which this agent is also known, besides the loopback ones. */
  hosts: readonly string[];
  /** Scripts' own endpoints; absent where there are none. */
  scripts?: Pick<EndpointParts, "served" | "cells" | "counts" | "words" | "level">;
  /** For a scraper on this machine; absent where there are no metrics. */
  scrape?(): Promise<Exposition>;
  log: Log;
}

/**
 * The agent's HTTP interface. Scripts' endpoints have checks of their own. In front of everything
 * else stand the host and origin checks, then the guard of each route, made from the table of routes.
 */
export function createApp(parts: AppParts): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    const expected = error instanceof HttpRefusal || error instanceof VerificationError ||
      error instanceof AgentError || error instanceof PeerError;
    if (error instanceof HttpRefusal || error instanceof PeerError) {
      tellRefusal(c, error.code, parts);
    }
    if (!expected || (error instanceof AgentError)) {
      parts.log("warn", "request failed", { path: c.req.path, error: messageOf(error) });
    }
    return refuse(c, error);
  });
  app.notFound((c) => refuse(c, new HttpRefusal("not_found")));
  if (parts.scripts) app.use(scriptEndpoints({ ...parts, ...parts.scripts }));
  app.use(signedAnswers(parts), safeAnswers(), knownHosts(parts.hosts));
  guardRoutes(app, ROUTES, parts);
  app.route("/", publicRoutes(parts));
  app.route("/", scriptRoutes(parts));
  app.route("/", orderRoutes(parts));
  app.route("/", runRoutes(parts));
  app.route("/", blobRoutes(parts));
  app.route("/", recordRoutes(parts));
  app.route("/", policyRoutes(parts));
  app.route("/", releaseRoutes(parts));
  app.route("/", swarmRoutes(parts));
  app.route("/", peerRoutes(parts));
  app.route("/", channelRoutes(parts));
  app.route("/", relayRoutes(parts));
  if (parts.scrape) app.route("/", metricsRoute(parts.scrape));
  requireGuarded(app, ROUTES);
  refuseOtherMethods(app);
  return app;
}
