import type { ScriptName } from "../../core/documents/common.ts";
import { SCRIPT_ORDERER } from "../../core/verification/order.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { UnfinishedRun } from "../store/runs.ts";
import { WaitingLanes } from "./waiting_lanes.ts";

/** What a {@linkcode Scheduler} works with. */
export interface SchedulerOptions {
  /** Runs at the same time on this node. */
  nodeRuns: number;
  /** Runs of one script at the same time, as the policy says now. */
  scriptRuns(script: ScriptName): number;
  now(): number;
  /** Carries a run to its end. Must not reject. */
  execute(run: UnfinishedRun, signal: AbortSignal): Promise<void>;
  /** Milliseconds that only ever grow. Default: `performance.now`. */
  monotonic?(): number;
  /** Ends a run that never began. Must not reject. */
  drop(run: UnfinishedRun, why: "cancelled" | "expired"): Promise<void>;
}

/** Runs that wait, and the bytes of their orders. */
interface Load {
  runs: number;
  bytes: number;
}

/**
 * Decides when a run begins: not before its time, not past its order's expiry, no more at once
 * than the script's grant and the node allow, one after another for each queue key, also over
 * retries. Scripts take turns, and so do the queue keys of a script, so none starves another.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #lanes = new WaitingLanes();
  readonly #waiting = new Map<number, UnfinishedRun>();
  /** Of these, those whose time has not come. */
  readonly #later = new Map<number, UnfinishedRun>();
  readonly #running = new Map<number, { run: UnfinishedRun; stop: AbortController }>();
  readonly #active = new Set<Promise<void>>();
  readonly #perScript = new Map<ScriptName, number>();
  /** Of what waits, what orderers ordered: scripts' own runs have bounds of their own. */
  readonly #ordered: Load = { runs: 0, bytes: 0 };
  readonly #perOrderer = new Map<string, Load>();
  /** When retries are due by a clock that nobody sets. */
  readonly #dueAt = new Map<number, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wakeAt = Infinity;
  #beginning = false;
  #stopped = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Whether one more order of this size may wait, of all and of this orderer's. */
  hasRoomFor(orderer: string, bytes: number): boolean {
    const all = this.#ordered;
    const own = this.#perOrderer.get(orderer) ?? { runs: 0, bytes: 0 };
    return all.runs < AGENT_LIMITS.WAITING_RUNS &&
      own.runs < AGENT_LIMITS.WAITING_RUNS_OF_ONE &&
      all.bytes + bytes <= AGENT_LIMITS.WAITING_BYTES &&
      own.bytes + bytes <= AGENT_LIMITS.WAITING_BYTES_OF_ONE;
  }

  /** Takes over a stored run; it begins at the next turn of the event loop or later. */
  add(run: UnfinishedRun): void {
    if (this.#stopped) return;
    this.#waiting.set(run.id, run);
    this.#count(run, 1);
    const now = this.#options.now();
    if (run.startAt !== null && run.startAt > now) {
      this.#later.set(run.id, run);
      // With a clock that is set back, the queue behind it would stand still until it is right.
      if (run.attempt > 1) this.#dueAt.set(run.id, this.#monotonic() + run.startAt - now);
      this.#lanes.hold(run);
    } else this.#enqueue(run);
    this.#wakeAtLatest(Math.min(run.startAt ?? Infinity, now + AGENT_LIMITS.TIMER_MS), now);
  }

  /**
   * Ends a run early.
   *
   * @returns false when it is neither waiting nor running.
   */
  async cancel(id: number): Promise<boolean> {
    const running = this.#running.get(id);
    if (running) {
      running.stop.abort("cancelled");
      return true;
    }
    const run = this.#waiting.get(id);
    if (!run) return false;
    this.#remove(run);
    await this.#options.drop(run, "cancelled");
    return true;
  }

  /**
   * Takes back a run that has not begun; it stays stored.
   *
   * @returns false when it has begun, or is not known.
   */
  withdraw(id: number): boolean {
    const run = this.#waiting.get(id);
    if (run) this.#remove(run);
    return run !== undefined;
  }

  /** Looks at the clock: drops what has expired, and begins what may begin. */
  tick(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#stopped) return;
    const now = this.#options.now();
    for (const run of [...this.#waiting.values()]) {
      if (run.expires > now) continue;
      this.#remove(run);
      this.#track(this.#options.drop(run, "expired"));
    }
    const passed = this.#monotonic();
    const due = [...this.#later.values()].filter(({ id, startAt }) =>
      startAt! <= now || passed >= (this.#dueAt.get(id) ?? Infinity)
    );
    for (const run of due.sort((a, b) => a.startAt! - b.startAt! || a.first - b.first)) {
      this.#later.delete(run.id);
      this.#dueAt.delete(run.id);
      this.#enqueue(run);
    }
    this.#begin();
    this.#rearm(now);
  }

  /** Begins nothing more; resolves when what runs has ended. What waits stays stored. */
  async hold(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    while (this.#active.size > 0) await Promise.all(this.#active);
  }

  /** As {@linkcode hold}, and aborts what runs. */
  async stop(): Promise<void> {
    for (const { stop } of this.#running.values()) stop.abort("stopping");
    await this.hold();
  }

  #monotonic(): number {
    return this.#options.monotonic?.() ?? performance.now();
  }

  #beginSoon(): void {
    if (this.#beginning) return;
    this.#beginning = true;
    setTimeout(() => {
      this.#beginning = false;
      this.#begin();
    }, 0);
  }

  #begin(): void {
    let begun = !this.#stopped;
    while (begun && this.#running.size < this.#options.nodeRuns) {
      begun = false;
      for (const script of this.#lanes.scripts()) {
        if (this.#running.size >= this.#options.nodeRuns) break;
        if ((this.#perScript.get(script) ?? 0) >= this.#options.scriptRuns(script)) continue;
        const run = this.#lanes.take(script);
        if (!run) continue;
        this.#start(run);
        begun = true;
      }
    }
  }

  #start(run: UnfinishedRun): void {
    this.#forget(run);
    const { script } = run;
    const stop = new AbortController();
    this.#running.set(run.id, { run, stop });
    this.#perScript.set(script, (this.#perScript.get(script) ?? 0) + 1);
    this.#track(
      this.#options.execute(run, stop.signal).finally(() => {
        this.#running.delete(run.id);
        const left = this.#perScript.get(script)! - 1;
        if (left > 0) this.#perScript.set(script, left);
        else this.#perScript.delete(script);
        this.#lanes.finish(run);
        this.#begin();
      }),
    );
  }

  #track(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.#active.delete(tracked));
    this.#active.add(tracked);
  }

  #enqueue(run: UnfinishedRun): void {
    this.#lanes.add(run);
    this.#beginSoon();
  }

  #remove(run: UnfinishedRun): void {
    this.#lanes.remove(run);
    this.#forget(run);
  }

  #forget(run: UnfinishedRun): void {
    this.#later.delete(run.id);
    this.#dueAt.delete(run.id);
    this.#waiting.delete(run.id);
    this.#count(run, -1);
  }

  #count({ orderer, bytes }: UnfinishedRun, by: 1 | -1): void {
    if (orderer === SCRIPT_ORDERER) return;
    const own = this.#perOrderer.get(orderer) ?? { runs: 0, bytes: 0 };
    this.#perOrderer.set(orderer, own);
    for (const load of [this.#ordered, own]) {
      load.runs += by;
      load.bytes += by * bytes;
    }
    if (own.runs === 0) this.#perOrderer.delete(orderer);
  }

  #rearm(now: number): void {
    if (this.#waiting.size === 0) return;
    // Never longer than this, so that a clock that jumps, or a machine that slept, is noticed.
    let next = now + AGENT_LIMITS.TIMER_MS;
    for (const { startAt } of this.#later.values()) next = Math.min(next, startAt!);
    this.#wakeAtLatest(next, now);
  }

  #wakeAtLatest(at: number, now: number): void {
    if (this.#stopped || (this.#timer !== undefined && at >= this.#wakeAt)) return;
    clearTimeout(this.#timer);
    this.#wakeAt = at;
    this.#timer = setTimeout(() => this.tick(), Math.max(0, at - now));
  }
}
