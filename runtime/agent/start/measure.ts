import type { AgentInfo } from "../http/answers.ts";
import type { GaugeSources } from "../metrics/gauges.ts";
import type { Exposition } from "../metrics/prometheus.ts";
import { scrapes } from "../metrics/scrape.ts";
import { sendTelemetry } from "../metrics/telemetry.ts";
import type { Peering } from "../peers/peering.ts";
import type { Housekeeper } from "../retention/housekeeper.ts";
import type { RunService } from "../runs/run_service.ts";
import type { Runner } from "../cells/runner.ts";
import type { Store } from "../store/store.ts";

/** What {@linkcode measure} reads. */
export interface Measured {
  readonly store: Store;
  readonly runner: Runner;
  readonly runs: RunService;
  readonly housekeeper: Housekeeper;
  readonly peers: Peering;
  /** Milliseconds since the epoch. */
  now(): number;
  info(): Promise<AgentInfo>;
}

/**
 * Makes the agent's figures ready for whoever scrapes them, and sends them where Deno's
 * OpenTelemetry is on.
 *
 * @returns What `/metrics` answers.
 */
export function measure(
  started: AsyncDisposableStack,
  { store, runner, runs, housekeeper, peers, now, info }: Measured,
): () => Promise<Exposition> {
  const gauges: GaugeSources = {
    store,
    started: now(),
    info,
    ...runs.gauges,
    ...(runner.cells && { cells: () => runner.cells!() }),
    state: () => ({ parts: housekeeper.usage.parts, limit: housekeeper.retention.stateBytes }),
    peers: () => peers.figures,
  };
  const scrape = scrapes(store, gauges);
  started.use(sendTelemetry(store, gauges));
  return scrape;
}
