import type { ScriptName } from "../../core/documents/common.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { UnfinishedRun } from "../store/runs.ts";

/** What a {@linkcode Scheduler} works with. */
export interface SchedulerOptions {
  /** Runs at the same time on this node. */
  nodeRuns: number;
  /** Runs of one script at the same time, as the policy says now. */
  scriptRuns(script: ScriptName): number;
  now(): number;
  /** Carries a run to its end. Must not reject. */
  execute(run: UnfinishedRun, signal: AbortSignal): Promise<void>;
  /** Ends a run that never began. Must not reject. */
  drop(run: UnfinishedRun, why: "cancelled" | "expired"): Promise<void>;
}

/**
 * Decides when a run begins: not before its time, not past its order's expiry, no more at once
 * than the script's grant and the node allow, one at a time for each queue key, and otherwise
 * first come first served within a script. Scripts take turns, so none starves another.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #ready = new Map<ScriptName, Map<number, UnfinishedRun>>();
  readonly #later = new Map<number, UnfinishedRun>();
  readonly #running = new Map<number, { run: UnfinishedRun; stop: AbortController }>();
  readonly #active = new Set<Promise<void>>();
  readonly #queueKeys = new Set<string>();
  readonly #perScript = new Map<ScriptName, number>();
  #waiting = 0;
  #waitingBytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wakeAt = Infinity;
  #beginning = false;
  #stopped = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Whether one more order of this size may wait. */
  hasRoomFor(bytes: number): boolean {
    return this.#waiting < AGENT_LIMITS.WAITING_RUNS &&
      this.#waitingBytes + bytes <= AGENT_LIMITS.WAITING_BYTES;
  }

  /** Takes over a stored run; it begins at the next turn of the event loop or later. */
  add(run: UnfinishedRun): void {
    this.#waiting++;
    this.#waitingBytes += run.bytes;
    const now = this.#options.now();
    if (run.startAt !== null && run.startAt > now) this.#later.set(run.id, run);
    else this.#enqueue(run);
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
    const run = this.#later.get(id) ?? [...this.#ready.values()].find((q) => q.has(id))?.get(id);
    if (!run) return false;
    this.#remove(run);
    await this.#options.drop(run, "cancelled");
    return true;
  }

  /** Looks at the clock: drops what has expired, and begins what may begin. */
  tick(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#stopped) return;
    const now = this.#options.now();
    for (const run of [...this.#all()]) {
      if (run.expires <= now) {
        this.#remove(run);
        this.#track(this.#options.drop(run, "expired"));
      } else if (this.#later.has(run.id) && run.startAt! <= now) {
        this.#later.delete(run.id);
        this.#enqueue(run);
      }
    }
    this.#begin();
    this.#rearm(now);
  }

  /** Aborts what runs and waits for it; what waits stays stored. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const { stop } of this.#running.values()) stop.abort("stopping");
    while (this.#active.size > 0) await Promise.all(this.#active);
  }

  *#all(): Generator<UnfinishedRun> {
    yield* this.#later.values();
    for (const queue of this.#ready.values()) yield* queue.values();
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
      for (const script of [...this.#ready.keys()]) {
        if (this.#running.size >= this.#options.nodeRuns) break;
        const run = this.#nextOf(script);
        if (!run) continue;
        this.#start(run);
        begun = true;
      }
    }
  }

  #nextOf(script: ScriptName): UnfinishedRun | undefined {
    if ((this.#perScript.get(script) ?? 0) >= this.#options.scriptRuns(script)) return undefined;
    for (const run of this.#ready.get(script)?.values() ?? []) {
      if (run.queueKey === null || !this.#queueKeys.has(queueName(run))) return run;
    }
    return undefined;
  }

  #start(run: UnfinishedRun): void {
    this.#remove(run);
    const { script } = run;
    const stop = new AbortController();
    this.#running.set(run.id, { run, stop });
    this.#perScript.set(script, (this.#perScript.get(script) ?? 0) + 1);
    if (run.queueKey !== null) this.#queueKeys.add(queueName(run));
    this.#track(
      this.#options.execute(run, stop.signal).finally(() => {
        this.#running.delete(run.id);
        const left = this.#perScript.get(script)! - 1;
        if (left > 0) this.#perScript.set(script, left);
        else this.#perScript.delete(script);
        this.#queueKeys.delete(queueName(run));
        this.#begin();
      }),
    );
  }

  #track(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.#active.delete(tracked));
    this.#active.add(tracked);
  }

  #enqueue(run: UnfinishedRun): void {
    const queue = this.#ready.get(run.script) ?? new Map<number, UnfinishedRun>();
    this.#ready.set(run.script, queue.set(run.id, run));
    this.#beginSoon();
  }

  #remove(run: UnfinishedRun): void {
    this.#later.delete(run.id);
    const queue = this.#ready.get(run.script);
    queue?.delete(run.id);
    if (queue?.size === 0) this.#ready.delete(run.script);
    this.#waiting--;
    this.#waitingBytes -= run.bytes;
  }

  #rearm(now: number): void {
    if (this.#waiting === 0) return;
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

function queueName({ script, queueKey }: UnfinishedRun): string {
  return `${script}\n${queueKey}`;
}
