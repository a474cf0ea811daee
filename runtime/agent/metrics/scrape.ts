import type { Store } from "../store/store.ts";
import { AuditCounts } from "./audit_counts.ts";
import { type GaugeSources, readGauges } from "./gauges.ts";
import type { Exposition, PrometheusInstruments } from "./prometheus.ts";
import type { Instruments } from "./catalogue.ts";

/**
 * The agent's metrics for Prometheus. The library comes in at the first scrape: an agent that
 * nobody scrapes does without it. Until then only a row's number is remembered.
 */
export function scrapes(store: Store, sources: GaugeSources): () => Promise<Exposition> {
  const forward = new Forward();
  const counts = new AuditCounts(store, forward);
  return async () => {
    const { PrometheusInstruments } = await import("./prometheus.ts");
    const prometheus = forward.to ??= new PrometheusInstruments();
    await counts.catchUp();
    await readGauges(sources, prometheus);
    return await prometheus.exposition();
  };
}

/** Stands for instruments that are made when they are first needed. */
class Forward implements Instruments {
  to: PrometheusInstruments | undefined;
  add: Instruments["add"] = (...args) => this.to!.add(...args);
  record: Instruments["record"] = (...args) => this.to!.record(...args);
  set: Instruments["set"] = (...args) => this.to!.set(...args);
}
