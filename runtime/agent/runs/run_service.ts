import type { Digest } from "../../core/documents/common.ts";
import type { RefusedCall } from "../audit/audit_row.ts";
import { recheckCells } from "../cells/recheck_cells.ts";
import { AgentError } from "../errors.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { UnfinishedRun } from "../store/runs.ts";
import { cancelRun } from "./cancel_run.ts";
import { recoverRuns } from "./recover_runs.ts";
import { makeRunParts, type RunParts, type RunPartsOptions } from "./run_parts.ts";

/** Everything between an order and the end of its run, from the agent's start to its stop. */
export class RunService implements Disposable {
  readonly #options: RunPartsOptions;
  readonly #made: RunParts;
  readonly #stopped = new AbortController();
  #recovered: UnfinishedRun[] = [];
  #stopping = false;

  /** What the HTTP interface needs. */
  readonly parts;
  /** What the metrics need. */
  readonly gauges;
  /** What scripts' endpoints need. */
  readonly endpoint;

  private constructor(options: RunPartsOptions) {
    const made = makeRunParts(options, this.#stopped.signal);
    const { runs, events, hub, manifests, recorder, scheduler, refusals } = made;
    const { served, cells, counts, words, intake, wanted, owners } = made;
    this.#options = options;
    this.#made = made;
    this.parts = {
      accept: (bytes: Uint8Array) => {
        if (!this.#stopping) return intake.accept(bytes);
        throw new AgentError("stopping", "Cannot take an order while stopping");
      },
      missing: (bytes: Uint8Array, byOperator: boolean) => intake.missing(bytes, byOperator),
      wanted: (digest: Digest, orderers: readonly string[] | undefined) =>
        wanted.find(digest, orderers, made.now()),
      owners,
      refused: (code: string) => refusals.count(code),
      refusedCall: (call: RefusedCall) => refusals.call(call),
      scheduler: { cancel: (id: number) => cancelRun(id, scheduler, runs) },
      runs,
      events,
      hub,
      manifests,
      recorder,
    };
    this.gauges = { running: () => scheduler.running, waiting: () => scheduler.waiting };
    this.endpoint = { served, cells, counts, words };
  }

  /** Records what became of the runs of before; those that wait go on at {@linkcode begin}. */
  static async open(options: RunPartsOptions): Promise<RunService> {
    const service = new RunService(options);
    const { runs, recorder } = service.parts;
    await service.#made.lending.sweep();
    service.#recovered = await recoverRuns(options.store, runs, recorder, options.clock.now());
    return service;
  }

  /** Lets runs begin; called when the agent is sure to stay. */
  begin(): void {
    for (const run of this.#recovered.splice(0)) this.#made.scheduler.add(run);
  }

  /** Call when other rules are in force: ends the cells of what may not go on by them. */
  recheck(): void {
    recheckCells(this.#made.cells, this.#made);
  }

  /**
   * Takes no more orders, begins no more runs, and gives those under way time to end.
   *
   * @param options.graceMs How long to wait at most, milliseconds.
   * @param options.hurry Ends the waiting early.
   */
  async finish(options: { graceMs?: number; hurry?: AbortSignal }): Promise<void> {
    const { graceMs = 0, hurry } = options;
    this.#stopping = true;
    const { scheduler, executor } = this.#made;
    const { running } = scheduler;
    const ended = scheduler.hold();
    executor.leave();
    if (graceMs === 0 || running === 0 || hurry?.aborted) return;
    this.#options.log("info", "waiting for runs to end", { running, graceMs });
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, graceMs);
    hurry?.addEventListener("abort", () => resolve(), { once: true });
    await Promise.race([ended, enough]);
    clearTimeout(timer);
  }

  /** Interrupts what runs and waits until each outcome is stored. */
  async stop(): Promise<void> {
    const { executor, scheduler, lending, cells, counts, words, refusals } = this.#made;
    this.#stopping = true;
    executor.stop();
    const ended = scheduler.stop();
    // A script that does not heed its signal loses its cell.
    const timer = setTimeout(
      () => this.#options.runner.close().catch(() => {}),
      AGENT_LIMITS.STOP_MS,
    );
    this.#stopped.abort();
    await ended;
    clearTimeout(timer);
    cells.close();
    await lending[Symbol.asyncDispose]();
    counts.flush();
    words.flush();
    refusals.flush();
  }

  [Symbol.dispose](): void {
    const { executor, scheduler, cells, counts, words, refusals } = this.#made;
    this.#stopping = true;
    this.#stopped.abort();
    cells.close();
    counts[Symbol.dispose]();
    words[Symbol.dispose]();
    executor.stop();
    void scheduler.stop();
    refusals[Symbol.dispose]();
  }
}
