import type { ScriptName } from "../../core/documents/common.ts";
import type { AuditLog } from "../audit/audit_log.ts";
import { messageOf } from "../errors.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";

/** What {@linkcode ServedCounts} work with. */
export interface ServedCountsOptions {
  store: Store;
  audit: AuditLog;
  now(): number;
  log: Log;
}

/**
 * Counts what scripts' endpoints answered, by script, caller and outcome, and writes one row into
 * the audit log for each span of time: a row for each request would let anybody fill the disk.
 */
export class ServedCounts implements Disposable {
  readonly #options: ServedCountsOptions;
  readonly #counts = new Map<ScriptName, Map<string, number>>();
  #since = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ServedCountsOptions) {
    this.#options = options;
  }

  /** @param outcome How the request ended: `ok`, or what ended it. */
  add(script: ScriptName, caller: string, outcome: string): void {
    if (this.#counts.size === 0) this.#since = this.#options.now();
    const counts = this.#counts.get(script) ?? new Map<string, number>();
    this.#counts.set(script, counts);
    const key = `${caller} ${outcome}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.flush(), AGENT_LIMITS.REFUSAL_WINDOW_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Writes what was counted so far. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#counts.size === 0) return;
    const { store, audit, now, log } = this.#options;
    const counts = [...this.#counts].map(([script, of]) => [script, Object.fromEntries(of)]);
    const detail = {
      since: new Date(this.#since).toISOString(),
      until: new Date(now()).toISOString(),
      counts: Object.fromEntries(counts),
    };
    this.#counts.clear();
    store.write(() => audit.append({ event: "requests_served", detail })).catch((error) => {
      log("error", "served requests not recorded", { error: messageOf(error) });
    });
  }

  [Symbol.dispose](): void {
    this.flush();
  }
}
