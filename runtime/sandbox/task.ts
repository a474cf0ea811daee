import type { Outcome } from "../core/outcome.ts";
import type { CapabilityHost } from "./capability_host.ts";
import { isPart, type PartName } from "./harness/source.ts";
import type { CellFigures, ScriptCall } from "./cell_message.ts";
import { encodeFrame, TO_CELL } from "./frame.ts";
import type { Lender, LenderOptions } from "./lender.ts";
import type { Meter } from "./meter.ts";
import type { RunEvent, RunReport, ScriptFacts } from "./run_request.ts";

/** What a timer can count; it is set again after that. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** After a cancel, for the script to tidy up. */
const CANCEL_GRACE_MS = 1_000;
/** After the deadline, for the script to say what it knows. */
const DEADLINE_GRACE_MS = 250;

/** The session in whose cell a task is carried out. */
export interface TaskHome {
  /** Resolves once the pipe has taken the frame. */
  send(frame: Uint8Array): Promise<void>;
  /** @param answered The worker itself has said that it is over. */
  over(task: Task, outcome: Outcome, answered: boolean): void;
  lender(
    options: Pick<LenderOptions, "attachments" | "capabilities" | "unread" | "meter" | "task">,
  ): Lender;
  /** What `ctx` is made of where the agent says nothing. */
  readonly facts: ScriptFacts;
}

/** What every task is asked for with. */
export interface TaskRequest {
  readonly capabilities?: CapabilityHost;
  readonly signal?: AbortSignal;
  readonly leaving?: AbortSignal;
  onEvent?(event: RunEvent): void;
}

/** Times within which a task must end and within which it must do something. */
export interface TaskTimes {
  readonly wallMs: number;
  readonly idleMs?: number;
}

/**
 * One run or one request in a cell, from its frame to its outcome. The first verdict stands and all
 * that comes later is dropped.
 */
export abstract class Task {
  readonly id: number;
  /** Never rejects. */
  readonly report: Promise<RunReport>;
  readonly meter: Meter;
  protected readonly home: TaskHome;
  readonly #request: TaskRequest;
  readonly #times: TaskTimes;
  /** Made when somebody asks: most runs call nothing. */
  #aborter: AbortController | undefined;
  #ended = false;
  #finish!: (report: RunReport) => void;
  #begun = false;
  /** Infinity for a task that may be as idle as it likes. */
  #movedAt = 0;
  /** What will be said once the script has had its moment to stop. */
  #stopping: Outcome | undefined;
  #watching: ReturnType<typeof setTimeout> | undefined;
  #grace: ReturnType<typeof setTimeout> | undefined;

  constructor(id: number, home: TaskHome, meter: Meter, request: TaskRequest, times: TaskTimes) {
    this.id = id;
    this.home = home;
    this.meter = meter;
    this.#request = request;
    this.#times = times;
    this.report = new Promise((resolve) => this.#finish = resolve);
  }

  /** The frame that hands the task to the worker. */
  abstract frame(): Uint8Array;
  /** The worker has answered. */
  abstract answered(text: string): Outcome;
  /**
   * The worker asks something of the agent.
   *
   * @throws {RangeError} for a call that the honest worker never makes
   */
  abstract call(call: ScriptCall): void;
  /** What is to be done when the task is over, before its report is out. */
  protected abstract close(report: RunReport): void;

  get ended(): boolean {
    return this.#ended;
  }

  /** Aborted when the task is over. */
  get over(): AbortSignal {
    this.#aborter ??= new AbortController();
    if (this.#ended) this.#aborter.abort();
    return this.#aborter.signal;
  }

  /** Code that the worker must have for this task. */
  get parts(): PartName[] {
    return Object.keys(this.#request.capabilities?.offered ?? {}).filter(isPart);
  }

  /** Listens for who asked to give up; whether they have not done so by now. */
  admit(): boolean {
    const { signal } = this.#request;
    if (signal?.aborted) this.end(this.#cancelled(), false);
    else signal?.addEventListener("abort", this.#cancel, { once: true });
    return !this.#ended;
  }

  /**
   * The cell has booted: time counts.
   *
   * @param cpuBefore Processor time the cell had used before, milliseconds.
   */
  begin(empty: CellFigures, cpuBefore: number): void {
    this.#begun = true;
    this.meter.begin(empty.rssBytes, cpuBefore);
    this.#movedAt = performance.now();
    this.#watch(this.#movedAt + this.#times.wallMs);
    const { leaving } = this.#request;
    if (leaving?.aborted) this.#leave();
    else leaving?.addEventListener("abort", this.#leave, { once: true });
  }

  event(event: RunEvent, bytes: number): void {
    if (!this.endIf(this.meter.output(bytes))) this.#request.onEvent?.(event);
  }

  /** @returns Whether there was a verdict, which ends the task. */
  endIf(verdict: Outcome | undefined): boolean {
    if (verdict) this.end(verdict, false);
    return verdict !== undefined;
  }

  /** @param answered The worker itself has said that it is over. */
  end(verdict: Outcome, answered: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#aborter?.abort();
    clearTimeout(this.#watching);
    clearTimeout(this.#grace);
    this.#request.signal?.removeEventListener("abort", this.#cancel);
    this.#request.leaving?.removeEventListener("abort", this.#leave);
    const report = { outcome: this.#stopping ?? verdict, figures: this.meter.figures() };
    this.close(report);
    this.home.over(this, report.outcome, answered);
    this.#finish(report);
  }

  /** Who asked is gone. */
  protected cancel(reason: string): void {
    this.#stop({ outcome: "cancelled", detail: { reason } }, reason, CANCEL_GRACE_MS);
  }

  /** From now on it may be as idle as it likes. */
  protected rest(): void {
    this.#movedAt = Infinity;
  }

  /** Something has moved, so the task is not idle. */
  protected moved(): void {
    this.#movedAt = Math.max(this.#movedAt, performance.now());
  }

  readonly #cancel = (): void => {
    const outcome = this.#cancelled();
    // Nothing of the script runs before the cell has booted: it has nothing to tidy up.
    if (!this.#begun) return this.end(outcome, false);
    this.#stop(outcome, outcome.detail.reason, CANCEL_GRACE_MS);
  };

  readonly #leave = (): void => {
    this.home.send(encodeFrame(TO_CELL.LEAVE, `${this.id}\n`));
  };

  #cancelled(): Outcome & { outcome: "cancelled" } {
    const reason: unknown = this.#request.signal?.reason;
    const words = reason instanceof Error ? reason.message : String(reason ?? "cancelled");
    return { outcome: "cancelled", detail: { reason: words } };
  }

  /** Tells the script to stop and gives it a moment; the outcome is decided already. */
  #stop(outcome: Outcome, reason: string, graceMs: number): void {
    if (this.#ended || this.#stopping) return;
    this.#stopping = outcome;
    clearTimeout(this.#watching);
    this.home.send(encodeFrame(TO_CELL.ABORT, `${this.id}\n${reason}`));
    this.#grace = setTimeout(() => this.end(outcome, false), graceMs);
  }

  #watch(deadline: number): void {
    const { wallMs, idleMs = Infinity } = this.#times;
    const due = Math.min(deadline, this.#movedAt + idleMs);
    this.#watching = setTimeout(() => {
      const now = performance.now();
      const late = now >= deadline;
      if (!late && now < this.#movedAt + idleMs) return this.#watch(deadline);
      const detail = late
        ? { reason: "deadline", limitMs: wallMs } as const
        : { reason: "idle", limitMs: idleMs } as const;
      const words = late ? "the deadline has passed" : "nothing has moved for too long";
      this.#stop({ outcome: "wall", detail }, words, DEADLINE_GRACE_MS);
    }, Math.min(MAX_TIMER_MS, Math.max(0, due - performance.now())));
  }
}

/** Whether a script that ended a task so by itself may take the next in the same cell. */
export function mayGoOn({ outcome }: Outcome): boolean {
  return outcome === "ok" || outcome === "script_error" || outcome === "cancelled";
}
