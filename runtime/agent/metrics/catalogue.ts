/** What kind of number a metric is: one that only rises, one that is what it is now, or a spread. */
export type MetricKind = "counter" | "gauge" | "histogram";

/** One metric: what it counts, and the labels that each of its numbers has. */
export interface Metric {
  readonly kind: MetricKind;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Upper bounds of the spread of run times, seconds. */
export const SECONDS_BUCKETS: readonly number[] = [
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
  30,
  60,
  300,
];

/** Every metric of an agent. Counters count from its start; scripts are those that have a grant. */
export const METRICS = {
  writ_info: metric("gauge", "Always 1; what runs here.", ["version", "deno", "level"]),
  writ_start_time_seconds: metric("gauge", "When the agent started, seconds since the epoch."),
  writ_resident_bytes: metric("gauge", "Memory of the agent itself, without its cells."),
  writ_orders_accepted_total: metric("counter", "Orders on disk.", ["orderer", "script"]),
  writ_orders_refused_total: metric(
    "counter",
    "Refused orders of known signers, by the rule.",
    ["rule"],
  ),
  writ_requests_refused_total: metric(
    "counter",
    "Refusals of strangers, and repeats, by the rule.",
    ["rule"],
  ),
  writ_runs_started_total: metric("counter", "Runs that began."),
  writ_runs_ended_total: metric("counter", "Runs by how they ended.", ["script", "outcome"]),
  writ_runs_refused_total: metric("counter", "Runs refused before they began, by rule.", ["rule"]),
  writ_run_cpu_seconds_total: metric(
    "counter",
    "Processor time of runs that had a cell to themselves.",
    ["script"],
  ),
  writ_run_wall_seconds: metric("histogram", "How long runs took.", ["script"]),
  writ_policy_loads_total: metric("counter", "Policies loaded or refused.", ["result"]),
  writ_runs_running: metric("gauge", "Runs under way."),
  writ_runs_waiting: metric("gauge", "Runs that wait for a place or for their time."),
  writ_cells: metric("gauge", "Cells, ready ones among them."),
  writ_audit_rows: metric("gauge", "Rows of the audit log."),
  writ_state_bytes: metric("gauge", "The state folder, when it was last measured.", ["part"]),
  writ_state_limit_bytes: metric("gauge", "What the state folder may hold."),
  writ_peers_known: metric("gauge", "Other agents whose adverts are known."),
  writ_shared_blobs: metric("gauge", "Blobs that are offered to peers."),
  writ_swarm_bytes: metric("gauge", "Chunks of blobs since the start, by way.", ["way"]),
} satisfies Record<string, Metric>;

/** The name of one of {@linkcode METRICS}. */
export type MetricName = keyof typeof METRICS;

/** Where numbers go: what is scraped, or what is sent. */
export interface Instruments {
  /** A counter rises. */
  add(name: MetricName, labels: Record<string, string>, by?: number): void;
  /** A histogram gets one more. */
  record(name: MetricName, labels: Record<string, string>, value: number): void;
  /** A gauge is this now. */
  set(name: MetricName, labels: Record<string, string>, value: number): void;
}

function metric(kind: MetricKind, help: string, labels: readonly string[] = []): Metric {
  return { kind, help, labels };
}
