// The package's own entry also loads its cluster and gateway, which costs 150 ms and 7 MB more.
import type * as client from "prom-client";
import counter from "prom-client/lib/counter.js";
import gauge from "prom-client/lib/gauge.js";
import histogram from "prom-client/lib/histogram.js";
import registry from "prom-client/lib/registry.js";
import { type Instruments, type MetricName, METRICS, SECONDS_BUCKETS } from "./catalogue.ts";

// These files carry no types of their own.
const Counter: typeof client.Counter = counter;
const Gauge: typeof client.Gauge = gauge;
const Histogram: typeof client.Histogram = histogram;
const Registry: typeof client.Registry = registry;

/** What a scraper gets. */
export interface Exposition {
  /** The media type, with the version of the format. */
  type: string;
  text: string;
}

/** Keeps every metric for whoever scrapes. */
export class PrometheusInstruments implements Instruments {
  readonly #registry = new Registry();
  readonly #counters = new Map<MetricName, client.Counter>();
  readonly #gauges = new Map<MetricName, client.Gauge>();
  readonly #histograms = new Map<MetricName, client.Histogram>();

  constructor() {
    const registers = [this.#registry];
    for (const name of Object.keys(METRICS) as MetricName[]) {
      const { kind, help, labels } = METRICS[name];
      const settings = { name, help, labelNames: [...labels], registers };
      if (kind === "counter") this.#counters.set(name, new Counter(settings));
      else if (kind === "gauge") this.#gauges.set(name, new Gauge(settings));
      else {
        const buckets = [...SECONDS_BUCKETS];
        this.#histograms.set(name, new Histogram({ ...settings, buckets }));
      }
    }
  }

  add: Instruments["add"] = (name, labels, by = 1) => this.#counters.get(name)!.inc(labels, by);
  record: Instruments["record"] = (name, labels, value) =>
    this.#histograms.get(name)!.observe(labels, value);
  set: Instruments["set"] = (name, labels, value) => this.#gauges.get(name)!.set(labels, value);

  /** All of them as they stand, in Prometheus' text format. */
  async exposition(): Promise<Exposition> {
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}
