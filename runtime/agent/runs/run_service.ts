import type { Digest, KeyId } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import type { AuditLog } from "../audit/audit_log.ts";
import type { RefusedCall } from "../audit/audit_row.ts";
import type { TrustedClock } from "../clock.ts";
import type { Lending } from "../cells/lending.ts";
import { lendingOf } from "../cells/lending_of.ts";
import { recheckCells } from "../cells/recheck_cells.ts";
import { ScriptCells } from "../cells/script_cells.ts";
import { ScriptWords } from "../cells/script_words.ts";
import { ServedScripts } from "../scripts/served_scripts.ts";
import type { ContentStore } from "../content/content_store.ts";
import { ServedCounts } from "../endpoint/served_counts.ts";
import { AgentError } from "../errors.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import { ScriptLibrary } from "../scripts/script_library.ts";
import { ManifestTable } from "../store/manifests.ts";
import { OrderTable } from "../store/orders.ts";
import { RunEventTable } from "../store/run_events.ts";
import { RunTable, type UnfinishedRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import type { BlobSwarm } from "../../capabilities/swarm.ts";
import type { Rules } from "../trust/load_rules.ts";
import { cancelRun } from "./cancel_run.ts";
import { EventHub } from "./event_hub.ts";
import { OrderIntake } from "../orders/order_intake.ts";
import { recoverRuns } from "./recover_runs.ts";
import { Refusals } from "../orders/refusals.ts";
import { RunExecutor } from "./run_executor.ts";
import { RunRecorder } from "./run_recorder.ts";
import type { Runner } from "../cells/runner.ts";
import { Scheduler } from "./scheduler.ts";
import { TypeEraser } from "../scripts/type_eraser.ts";
import { WantedAttachments } from "../orders/wanted_attachments.ts";

/** What a {@linkcode RunService} works with. */
export interface RunServiceOptions {
  agent: KeyId;
  signer: Signer;
  store: Store;
  audit: AuditLog;
  clock: TrustedClock;
  blobs: ContentStore;
  modules: ContentStore;
  /** What scripts keep with `ctx.blobs`. */
  scriptBlobs: ContentStore;
  /** Where scripts have their directories. */
  scratchDir: string;
  runner: Runner;
  /** Blobs that scripts share with other agents. */
  swarm: BlobSwarm;
  /** Answers a request to a script's endpoint as one from this machine. */
  askEndpoint(request: Request): Promise<Response>;
  rules(): Rules;
  nodeRuns: number;
  /** Throws when the state folder may not grow; absent where it always may. */
  requireRoom?(): void;
  log: Log;
}

/** Everything between an order and the end of its run, put together. */
export class RunService implements Disposable {
  readonly #executor: RunExecutor;
  readonly #lending: Lending;
  readonly #cells: ScriptCells;
  readonly #counts: ServedCounts;
  readonly #words: ScriptWords;
  readonly #recheck: () => void;
  readonly #stopped = new AbortController();
  readonly #scheduler: Scheduler;
  readonly #refusals: Refusals;
  readonly #runner: Runner;
  readonly #log: Log;
  #recovered: UnfinishedRun[] = [];
  #stopping = false;

  /** What the HTTP interface needs. */
  readonly parts;
  /** What the metrics need. */
  readonly gauges;
  /** What scripts' endpoints need. */
  readonly endpoint;

  private constructor(options: RunServiceOptions) {
    const { store, audit, clock, blobs, modules, rules, log, nodeRuns } = options;
    const now = () => clock.now();
    const policy = () => rules().policy;
    const runs = new RunTable(store);
    const events = new RunEventTable(store);
    const orders = new OrderTable(store);
    const manifests = new ManifestTable(store);
    const hub = new EventHub();
    const sources = () => rules().sources;
    const library = new ScriptLibrary({ sources, manifests, modules, now, log });
    const words = new ScriptWords({ store, audit, library, now, log });
    const recorder = new RunRecorder({ store, runs, events, hub, words, audit, now, log });
    const shared = { ...options, orders, runs, events, policy, now };
    const again = (run: UnfinishedRun) => scheduler.add(run);
    const withdraw = (id: number) => scheduler.withdraw(id);
    const lending = lendingOf({ ...shared, rules, scheduler: { add: again, withdraw } });
    const cells = new ScriptCells({ runner: options.runner, lending, words, log });
    const eraser = new TypeEraser(options.runner);
    const executor = new RunExecutor({
      ...shared,
      manifests,
      library,
      recorder,
      cells,
      eraser,
      again,
    });
    const stopping = this.#stopped.signal;
    const served = new ServedScripts({ ...shared, manifests, library, eraser, stopping });
    const counts = new ServedCounts({ store, audit, now, log });
    const scheduler = new Scheduler({
      nodeRuns,
      now,
      scriptRuns: (script) => policy().grants.get(script)?.limits.runs ?? 1,
      execute: (run, signal) => executor.execute(run, signal),
      drop: (run, why) => executor.drop(run, why),
    });
    const refusals = new Refusals({ store, audit, policy, now, log });
    const wanted = new WantedAttachments();
    const intake = new OrderIntake({ ...shared, blobs, wanted, refusals, scheduler });
    const accept = (bytes: Uint8Array) => {
      if (this.#stopping) throw new AgentError("stopping", "Cannot take an order while stopping");
      return intake.accept(bytes);
    };
    const missing = (bytes: Uint8Array) => intake.missing(bytes);
    const wantedLength = (digest: Digest, orderers: readonly string[]) =>
      wanted.length(digest, orderers, now());
    const refused = (code: string) => refusals.count(code);
    const refusedCall = (call: RefusedCall) => refusals.call(call);
    this.#executor = executor;
    this.#lending = lending;
    this.#cells = cells;
    this.#counts = counts;
    this.#words = words;
    this.#recheck = () => recheckCells(cells, { ...shared, manifests });
    this.endpoint = { served, cells, counts, words };
    this.#scheduler = scheduler;
    this.#refusals = refusals;
    this.#runner = options.runner;
    this.#log = log;
    this.gauges = { running: () => scheduler.running, waiting: () => scheduler.waiting };
    const cancel = (id: number) => cancelRun(id, scheduler, runs);
    const taking = { accept, missing, wantedLength, refused, refusedCall };
    this.parts = { ...taking, runs, events, hub, manifests, scheduler: { cancel }, recorder };
  }

  /** Records what became of the runs of before; those that wait go on at {@linkcode begin}. */
  static async open(options: RunServiceOptions): Promise<RunService> {
    const service = new RunService(options);
    const { runs, recorder } = service.parts;
    await service.#lending.sweep();
    service.#recovered = await recoverRuns(options.store, runs, recorder, options.clock.now());
    return service;
  }

  /** Lets runs begin; called when the agent is sure to stay. */
  begin(): void {
    for (const run of this.#recovered.splice(0)) this.#scheduler.add(run);
  }

  /** Call when other rules are in force: ends the cells of what may not go on by them. */
  recheck(): void {
    this.#recheck();
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
    const { running } = this.#scheduler;
    const ended = this.#scheduler.hold();
    if (graceMs === 0 || running === 0 || hurry?.aborted) return;
    this.#log("info", "waiting for runs to end", { running, graceMs });
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, graceMs);
    hurry?.addEventListener("abort", () => resolve(), { once: true });
    await Promise.race([ended, enough]);
    clearTimeout(timer);
  }

  /** Interrupts what runs and waits until each outcome is stored. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#executor.stop();
    const ended = this.#scheduler.stop();
    // A script that does not heed its signal loses its cell.
    const timer = setTimeout(() => this.#runner.close().catch(() => {}), AGENT_LIMITS.STOP_MS);
    this.#stopped.abort();
    await ended;
    clearTimeout(timer);
    this.#cells.close();
    this.#counts.flush();
    this.#words.flush();
    this.#refusals.flush();
  }

  [Symbol.dispose](): void {
    this.#stopping = true;
    this.#stopped.abort();
    this.#cells.close();
    this.#counts[Symbol.dispose]();
    this.#words[Symbol.dispose]();
    this.#executor.stop();
    void this.#scheduler.stop();
    this.#refusals[Symbol.dispose]();
  }
}
