import type { Figures, Outcome } from "../../core/outcome.ts";
import { pause } from "../../core/wait.ts";
import type { RunEvent } from "../../sandbox/mod.ts";
import type { AuditLog } from "../audit/audit_log.ts";
import type { ScriptWords } from "../cells/script_words.ts";
import { AgentError, messageOf } from "../errors.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import type { RunEventTable } from "../store/run_events.ts";
import type { RunStart, RunTable, Successor, UnfinishedRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import type { EventHub } from "./event_hub.ts";

/** What a {@linkcode RunRecorder} works with. */
export interface RunRecorderOptions {
  store: Store;
  runs: RunTable;
  events: RunEventTable;
  hub: EventHub;
  /** Takes the events that scripts name. */
  words: Pick<ScriptWords, "named">;
  audit: AuditLog;
  now(): number;
  log: Log;
}

/** What goes with the end of a run. */
export interface EndOptions {
  /** Events that were not kept. */
  dropped?: number;
  /** When the run is tried again. */
  retryAt?: number | undefined;
  /** When its order is due again, if it is not tried again. */
  nextAt?: number | undefined;
}

/** Writes down the life of a run: each step in one transaction with its event and its audit row. */
export class RunRecorder {
  readonly #options: RunRecorderOptions;

  constructor(options: RunRecorderOptions) {
    this.#options = options;
  }

  /**
   * Stores that a run begins. Resolves after the commit and before anything of the script runs, so
   * that after a crash a run that may have begun is never taken for one that waits.
   *
   * @param also What must be true from the same instant on.
   * @throws {AgentError} disk_full, state_unreadable – nothing was stored; the run still waits.
   */
  async begin(run: UnfinishedRun, start: RunStart, also: () => void): Promise<void> {
    const { store, runs, events, audit, hub, now } = this.#options;
    await store.write(() => {
      runs.begin(run.id, start, now());
      also();
      events.append(run.id, now(), { type: "state", state: "running" });
      const { module, policy, level } = start;
      audit.append({
        event: "run_started",
        detail: { run: run.id, order: run.order, module, policy, level },
      });
    });
    hub.notify(run.id);
  }

  /**
   * Keeps what a script says, up to the limits; what is beyond is dropped and counted. After
   * `close` nothing is kept any more, so that the outcome stays the last event.
   */
  listener(run: UnfinishedRun): { onEvent(event: RunEvent): void; close(): number } {
    const { store, events, hub, words, now, log } = this.#options;
    let kept = 0;
    let dropped = 0;
    let closed = false;
    const onEvent = (event: RunEvent) => {
      if (closed) return;
      if (event.type === "event") words.named(run.script, event, run.id);
      if (kept >= AGENT_LIMITS.EVENTS_PER_RUN) {
        dropped++;
        return;
      }
      kept++;
      store.write(() => events.append(run.id, now(), event)).then(
        () => hub.notify(run.id),
        (error) => {
          if (dropped++ === 0) log("error", "event lost", { run: run.id, error: messageOf(error) });
        },
      );
    };
    const close = () => {
      closed = true;
      return dropped;
    };
    return { onEvent, close };
  }

  /**
   * Stores how a run ended. The first outcome stands.
   *
   * @param options.retryAt, options.nextAt Store a new run of the same order with it, which begins
   *   then.
   * @returns the new run.
   * @throws {AgentError} disk_full, state_unreadable – nothing was stored.
   */
  async end(
    run: UnfinishedRun,
    outcome: Outcome,
    figures: Figures | null,
    options: EndOptions = {},
  ): Promise<UnfinishedRun | undefined> {
    const { store, hub } = this.#options;
    const retried = await store.write(() => this.endNow(run, outcome, figures, options));
    hub.notify(run.id);
    return retried;
  }

  /** As {@linkcode end}, inside a `Store.write()` that is already there. */
  endNow(
    run: UnfinishedRun,
    outcome: Outcome,
    figures: Figures | null,
    { dropped = 0, retryAt, nextAt }: EndOptions = {},
  ): UnfinishedRun | undefined {
    const { runs, events, audit, now, log } = this.#options;
    if (!runs.end(run.id, outcome, figures, now())) return undefined;
    if (dropped > 0) events.append(run.id, now(), { type: "dropped", count: dropped });
    events.append(run.id, now(), { type: "outcome", ...outcome, figures });
    const rule = outcome.outcome === "refused" ? { rule: outcome.detail.rule } : {};
    audit.append({
      event: "run_ended",
      detail: { run: run.id, order: run.order, outcome: outcome.outcome, ...rule, figures },
    });
    log("info", "run ended", {
      run: run.id,
      script: run.script,
      outcome: outcome.outcome,
      ...rule,
    });
    if (retryAt !== undefined) {
      log("info", "run to be tried again", { after: run.id, attempt: run.attempt + 1 });
      return this.#succeed(run, { retryOf: run, startAt: retryAt });
    }
    return nextAt === undefined ? undefined : this.#succeed(run, { startAt: nextAt });
  }

  #succeed(run: UnfinishedRun, next: Successor): UnfinishedRun {
    const { runs, events, now } = this.#options;
    const { startAt } = next;
    const id = runs.create(run.order, run.script, now(), next);
    events.append(id, now(), { type: "state", state: "accepted" });
    const same = { ...run, id, state: "accepted", startAt } as const;
    return next.retryOf
      ? { ...same, attempt: run.attempt + 1 }
      : { ...same, attempt: 1, first: id, idempotent: false, retry: null };
  }

  /**
   * Does something that needs the disk again and again until the disk takes it.
   *
   * @param tooLate Asked before each repetition.
   * @returns `undefined` when the signal ended the waiting, or it became too late.
   */
  async untilStored<T>(
    work: () => Promise<T>,
    signal: AbortSignal,
    tooLate: () => boolean = () => false,
  ): Promise<T | undefined> {
    while (true) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof AgentError)) throw error;
        this.#options.log("error", "cannot store the state of a run", { error: error.message });
        if (signal.aborted || tooLate()) return undefined;
        await pause(AGENT_LIMITS.STORE_RETRY_MS, signal);
        if (tooLate()) return undefined;
      }
    }
  }
}
