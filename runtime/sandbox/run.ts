import type { Limits } from "../core/documents/grant.ts";
import type { Figures, Outcome } from "../core/outcome.ts";
import { answerCall } from "./attachment_calls.ts";
import type { Cell, CellListener } from "./cell.ts";
import { type CellFigures, type CellMessage, readMessage } from "./cell_message.ts";
import { encodeFrame, type Frame, type FrameError, TO_CELL } from "./frame.ts";
import { parseHostileJson } from "./hostile_json.ts";
import { Meter } from "./meter.ts";
import type { CallRequest, RunReport } from "./run_request.ts";
import { verdictOfExit, verdictOfFailure } from "./verdict.ts";

/** A cell that boots slower than this is not going to. */
const BOOT_TIMEOUT_MS = 15_000;
/** A cell says how it is ten times a second; one that is silent this long is stopped or flooded. */
const HEARTBEAT_TIMEOUT_MS = 3_000;
/** A timer of the agent that is later than this says nothing about a cell. */
const AGENT_LATE_MS = 500;
/** After a cancel, for the script to tidy up. */
const CANCEL_GRACE_MS = 1_000;
/** After the deadline, for the script to say what it knows. */
const DEADLINE_GRACE_MS = 250;
/** A frame's own fields around what the script put out. */
const FRAME_SLACK_BYTES = 16_384;

/** The URL that Deno gives a module of a cell; a script that names another shows its own text. */
const BLOB_URL = /^blob:null\/[0-9a-f-]{36}$/;
/** A stack line inside the worker's boot code, or inside Deno. */
const OUR_STACK_LINE = /^ +at .*(?:data:text\/javascript,|\bext:)/;

/** What a cell keeps from one run to the next. */
export interface CellHistory {
  /** The blob URL its module was loaded from, empty until then. */
  blob: string;
  /** Shown in stack traces in place of the blob's URL. */
  readonly scriptUrl: string;
  /** Processor time used up to the last answer; absent before the first run. */
  cpuMs?: number;
}

/**
 * One run in one cell, from its frame to its outcome. Every limit is kept here; the first verdict
 * stands and all that comes later is dropped.
 */
export class Run implements CellListener {
  /** Never rejects. */
  readonly report: Promise<RunReport>;
  readonly #cell: Cell;
  readonly #history: CellHistory;
  readonly #limits: Limits;
  readonly #request: CallRequest;
  readonly #meter: Meter;
  #finish!: (report: RunReport) => void;
  #booted = false;
  #ended = false;
  /** What will be said once the script has had its moment to stop. */
  #stopping: Outcome | undefined;
  #lastBeat = performance.now();
  #callsUnderWay = 0;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #watching: ReturnType<typeof setTimeout> | undefined;

  constructor(
    cell: Cell,
    history: CellHistory,
    limits: Limits,
    level: Figures["level"],
    request: CallRequest,
  ) {
    this.#cell = cell;
    this.#history = history;
    this.#limits = limits;
    this.#request = request;
    this.#meter = new Meter(limits, level);
    this.report = new Promise((resolve) => this.#finish = resolve);
  }

  /** Sends the input and keeps the limits from the moment the cell has booted. */
  start(id: number): void {
    const attachments = (this.#request.attachments ?? []).map(
      ({ name, length, mediaType }) => ({ name, length, mediaType }),
    );
    const head = `${id}\n${JSON.stringify(attachments)}\n`;
    const input = JSON.stringify(this.#request.input) ?? "null";
    this.#cell.listen(this, this.#limits.outputBytes + FRAME_SLACK_BYTES);
    if (!this.#booted && !this.#ended) {
      this.#after(BOOT_TIMEOUT_MS, () => this.#notStarted(`not ready after ${BOOT_TIMEOUT_MS} ms`));
    }
    const { signal } = this.#request;
    if (signal?.aborted) this.#end(this.#cancelled());
    if (this.#ended) return;
    signal?.addEventListener("abort", this.#cancel, { once: true });
    this.#cell.send(encodeFrame(TO_CELL.RUN, head, input));
  }

  // -- what the cell says ------------------------------------------------------------------------

  ready(empty: CellFigures): void {
    this.#booted = true;
    this.#meter.begin(empty.rssBytes, this.#history.cpuMs ?? empty.cpuMs);
    this.#clearTimers();
    this.#lastBeat = performance.now();
    this.#watch(this.#lastBeat + this.#limits.wallMs);
  }

  frame(frame: Frame): void {
    if (this.#ended) return;
    try {
      this.#handle(readMessage(frame));
    } catch (error) {
      this.#end({ outcome: "protocol", detail: { message: (error as Error).message } });
    }
  }

  stderr(bytes: number): void {
    this.#endIf(this.#meter.output(bytes));
  }

  violation(error: FrameError): void {
    this.#end(
      error.code === "too_long"
        ? this.#meter.outputVerdict
        : { outcome: "protocol", detail: { message: error.message } },
    );
  }

  exited({ code, signal }: Deno.CommandStatus, stderrTail: string): void {
    if (!this.#booted) return this.#notStarted(stderrTail.trim() || `exit ${signal ?? code}`);
    const { peakBytes, cpuMs } = this.#meter;
    this.#end(verdictOfExit({ code, signal, stderrTail, peakBytes, cpuMs }, this.#limits));
  }

  #handle(message: CellMessage): void {
    switch (message.type) {
      case "beat":
        this.#lastBeat = performance.now();
        return this.#endIf(this.#meter.measure(message.figures));
      case "loaded":
        // Once, and never by the script: what it names is replaced in every message after.
        if (this.#history.blob !== "" || message.blob === "") {
          return this.#end({ outcome: "protocol", detail: { message: "a second loaded frame" } });
        }
        this.#history.blob = message.blob;
        return;
      case "result":
        this.#history.cpuMs = message.figures.cpuMs;
        this.#endIf(this.#meter.output(message.text.length), this.#meter.measure(message.figures));
        if (this.#ended) return;
        return this.#end(resultOf(message.text));
      case "failure":
        this.#history.blob ||= message.blob;
        return this.#failed(message);
      case "event":
        this.#endIf(this.#meter.output(message.bytes));
        if (this.#ended) return;
        return this.#request.onEvent?.(message.event);
      case "call":
        return this.#answer(message.call);
      case "exit":
        return this.#end({ outcome: "exited", detail: { code: message.code } });
      case "violation":
        return this.#end({ outcome: "protocol", detail: { message: message.message } });
      case "ready":
        return this.#end({ outcome: "protocol", detail: { message: "a second ready frame" } });
    }
  }

  #failed({ figures, failure }: CellMessage & { type: "failure" }): void {
    this.#history.cpuMs = figures.cpuMs;
    const message = this.#rename(failure.message);
    const stack = this.#rename(failure.stack);
    this.#endIf(this.#meter.output(message.length + stack.length), this.#meter.measure(figures));
    this.#end(verdictOfFailure({ ...failure, message, stack }, this.#limits));
  }

  /** Shows the script's own name in place of the blob it was loaded from, without our frames. */
  #rename(text: string): string {
    const { blob, scriptUrl } = this.#history;
    const named = BLOB_URL.test(blob) ? text.replaceAll(blob, scriptUrl) : text;
    return named.split("\n").filter((line) => !OUR_STACK_LINE.test(line)).join("\n");
  }

  /** A call is under way until the pipe has its answer: who asks and does not read gets no more. */
  #answer(call: Record<string, unknown>): void {
    this.#callsUnderWay++;
    answerCall(call, this.#request.attachments ?? [], this.#callsUnderWay)
      .then((reply) => this.#cell.send(reply))
      .catch((error: Error) =>
        this.#end({ outcome: "protocol", detail: { message: error.message } })
      )
      .finally(() => this.#callsUnderWay--);
  }

  // -- how it ends -------------------------------------------------------------------------------

  /** Keeps the deadline and the heartbeat with one timer: most runs are over before it is due. */
  #watch(deadline: number): void {
    const armed = performance.now();
    const ms = Math.max(0, Math.min(deadline - armed, HEARTBEAT_TIMEOUT_MS / 4));
    this.#watching = setTimeout(() => {
      const now = performance.now();
      // It was the agent that stood still: what the cell said meanwhile is not read yet.
      if (now - armed - ms >= AGENT_LATE_MS) this.#lastBeat = now;
      if (now - this.#lastBeat >= HEARTBEAT_TIMEOUT_MS) {
        const limitMs = HEARTBEAT_TIMEOUT_MS;
        return this.#end({ outcome: "wall", detail: { reason: "unresponsive", limitMs } });
      }
      if (now < deadline) return this.#watch(deadline);
      const detail = { reason: "deadline", limitMs: this.#limits.wallMs } as const;
      this.#stop({ outcome: "wall", detail }, "the deadline has passed", DEADLINE_GRACE_MS);
      this.#watch(Infinity);
    }, ms);
  }

  readonly #cancel = (): void => {
    const outcome = this.#cancelled();
    // Nothing of the script runs before the cell has booted: it has nothing to tidy up.
    if (!this.#booted) return this.#end(outcome);
    this.#stop(outcome, outcome.detail.reason, CANCEL_GRACE_MS);
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
    this.#cell.send(encodeFrame(TO_CELL.ABORT, reason));
    this.#after(graceMs, () => this.#end(outcome));
  }

  #notStarted(found: string): void {
    const message = `Cannot start a cell: ${found}`;
    this.#end({ outcome: "refused", detail: { rule: "cell_start", message } });
  }

  #endIf(...verdicts: (Outcome | undefined)[]): void {
    this.#cell.maxBody = this.#meter.outputLeft + FRAME_SLACK_BYTES;
    const verdict = verdicts.find((v) => v !== undefined);
    if (verdict) this.#end(verdict);
  }

  #end(verdict: Outcome): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#clearTimers();
    this.#request.signal?.removeEventListener("abort", this.#cancel);
    this.#finish({ outcome: this.#stopping ?? verdict, figures: this.#meter.figures() });
  }

  #after(ms: number, then: () => void): void {
    this.#timers.push(setTimeout(then, ms));
  }

  #clearTimers(): void {
    clearTimeout(this.#watching);
    this.#timers.forEach(clearTimeout);
    this.#timers = [];
  }
}

/** A result is the script's own doing: one that cannot be taken is its error. */
function resultOf(text: string): Outcome {
  try {
    return { outcome: "ok", result: parseHostileJson(text) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `Cannot accept the result as it ${error.message}`;
    return { outcome: "script_error", detail: { name: "RangeError", message } };
  }
}
