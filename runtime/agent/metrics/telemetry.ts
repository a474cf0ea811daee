import { WRIT_VERSION } from "../../core/version.ts";
import type { Store } from "../store/store.ts";
import { AuditCounts } from "./audit_counts.ts";
import { type Instruments, type MetricName, METRICS, SECONDS_BUCKETS } from "./catalogue.ts";
import { type GaugeSources, readGauges } from "./gauges.ts";

/** What Deno's own OpenTelemetry gives; its types are `any`. */
interface Meter {
  createCounter(name: string, options: unknown): { add(by: number, labels: object): void };
  createHistogram(name: string, options: unknown): { record(value: number, labels: object): void };
  createGauge(name: string, options: unknown): { record(value: number, labels: object): void };
  createObservableGauge(name: string, options: unknown): object;
  addBatchObservableCallback(callback: () => Promise<void>, observables: object[]): void;
  removeBatchObservableCallback(callback: () => Promise<void>, observables: object[]): void;
}

/**
 * Sends the same metrics as `/metrics` wherever Deno's OpenTelemetry sends: each time it exports,
 * it asks. Where that is off (`OTEL_DENO` is not set) nothing is made and nothing is asked.
 */
export function sendTelemetry(store: Store, sources: GaugeSources): Disposable {
  const meter = meterOfDeno();
  if (!meter) return { [Symbol.dispose]: () => {} };
  const instruments = new TelemetryInstruments(meter);
  const counts = new AuditCounts(store, instruments);
  const trigger = [
    meter.createObservableGauge("writ_exports", { description: "Asks for the rest" }),
  ];
  let stopped = false;
  const send = async () => {
    if (stopped) return;
    await counts.catchUp();
    await readGauges(sources, instruments);
  };
  meter.addBatchObservableCallback(send, trigger);
  return {
    [Symbol.dispose]() {
      stopped = true;
      meter.removeBatchObservableCallback(send, trigger);
    },
  };
}

function meterOfDeno(): Meter | undefined {
  try {
    return Deno.telemetry.meterProvider.getMeter("writ", WRIT_VERSION);
  } catch {
    return undefined; // the one sign that it is off: an agent reads no environment
  }
}

/** Keeps every metric with Deno's exporter. */
class TelemetryInstruments implements Instruments {
  readonly #counters = new Map<MetricName, ReturnType<Meter["createCounter"]>>();
  readonly #gauges = new Map<MetricName, ReturnType<Meter["createGauge"]>>();
  readonly #histograms = new Map<MetricName, ReturnType<Meter["createHistogram"]>>();

  constructor(meter: Meter) {
    for (const name of Object.keys(METRICS) as MetricName[]) {
      const { kind, help } = METRICS[name];
      const options = { description: help };
      if (kind === "counter") this.#counters.set(name, meter.createCounter(name, options));
      else if (kind === "gauge") this.#gauges.set(name, meter.createGauge(name, options));
      else {
        const advice = { explicitBucketBoundaries: SECONDS_BUCKETS };
        this.#histograms.set(name, meter.createHistogram(name, { ...options, advice }));
      }
    }
  }

  add: Instruments["add"] = (name, labels, by = 1) => this.#counters.get(name)!.add(by, labels);
  record: Instruments["record"] = (name, labels, value) =>
    this.#histograms.get(name)!.record(value, labels);
  set: Instruments["set"] = (name, labels, value) => this.#gauges.get(name)!.record(value, labels);
}
