import type { AuditEvent } from "../audit/audit_row.ts";
import type { Store } from "../store/store.ts";
import type { Instruments } from "./catalogue.ts";

/** Rows read in one go, so that a long log does not hold up what else the agent does. */
const PAGE = 1_000;

interface Row {
  seq: number;
  event: string;
  detail: string;
}

/**
 * Counts what the agent did by reading its audit log from where it last stopped: nothing is
 * counted while orders come in, and no count can differ from the record.
 */
export class AuditCounts {
  readonly #store: Store;
  readonly #instruments: Instruments;
  #seq: number;
  #reading: Promise<void> = Promise.resolve();

  /** Counts what comes after the row that is the last one now. */
  constructor(store: Store, instruments: Instruments) {
    this.#store = store;
    this.#instruments = instruments;
    this.#seq = lastSeq(store);
  }

  /** Counts what was written since the last time. */
  catchUp(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read());
    return this.#reading;
  }

  async #read(): Promise<void> {
    // What was answered already may still be on its way to the disk.
    this.#store.flush();
    while (true) {
      const rows = this.#store
        .sql("SELECT seq, event, detail FROM audit WHERE seq > ? ORDER BY seq LIMIT ?")
        .all(this.#seq, PAGE) as unknown as Row[];
      for (const { seq, event, detail } of rows) {
        this.#count({ event, detail: JSON.parse(detail) } as AuditEvent);
        this.#seq = seq;
      }
      if (rows.length < PAGE) return;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  #count(row: AuditEvent): void {
    const { add } = this.#instruments;
    switch (row.event) {
      case "order_accepted": {
        const { orderer, script } = row.detail;
        return add("writ_orders_accepted_total", { orderer, script });
      }
      case "order_refused":
        return add("writ_orders_refused_total", { rule: row.detail.code });
      case "refusals_counted":
        for (const [rule, count] of Object.entries(row.detail.counts)) {
          add("writ_requests_refused_total", { rule }, count);
        }
        return;
      case "run_started":
        return add("writ_runs_started_total", {});
      case "run_ended":
        return this.#countRun(row.detail);
      case "policy_loaded":
        return add("writ_policy_loads_total", { result: "loaded" });
      case "policy_refused":
        return add("writ_policy_loads_total", { result: "refused" });
    }
  }

  #countRun({ run, outcome, rule, figures }: Extract<
    AuditEvent,
    { event: "run_ended" }
  >["detail"]): void {
    const { add, record } = this.#instruments;
    const found = this.#store.sql("SELECT script FROM runs WHERE id = ?").get(run);
    const script = String(found?.script ?? "gone");
    add("writ_runs_ended_total", { script, outcome });
    if (rule !== undefined) add("writ_runs_refused_total", { rule });
    if (!figures) return;
    if (!figures.shared) add("writ_run_cpu_seconds_total", { script }, figures.cpuMs / 1_000);
    record("writ_run_wall_seconds", { script }, figures.wallMs / 1_000);
  }
}

/** The number of the newest audit row, 0 when there is none. */
function lastSeq(store: Store): number {
  return Number(store.sql("SELECT max(seq) AS seq FROM audit").get()?.seq ?? 0);
}
