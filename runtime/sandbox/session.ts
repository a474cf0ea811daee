import type { Limits } from "../core/documents/grant.ts";
import type { Figures, Outcome } from "../core/outcome.ts";
import { CALL_BOUNDS, type CallBounds } from "./capability_host.ts";
import type { Cell, CellListener } from "./cell.ts";
import { CellLoad } from "./cell_load.ts";
import {
  type CellFigures,
  type CellMessage,
  readMessage,
  type ScriptCall,
} from "./cell_message.ts";
import { factsOf } from "./facts.ts";
import { FailureText } from "./failure_text.ts";
import { encodeFrame, type Frame, type FrameError, TO_CELL } from "./frame.ts";
import { type PartName, partSource } from "./harness/source.ts";
import { Heartbeat } from "./heartbeat.ts";
import { CallPace, Lender } from "./lender.ts";
import { goneFrame } from "./reply.ts";
import type { CellModule, RunEvent, ScriptFacts } from "./run_request.ts";
import { mayGoOn, type Task, type TaskHome } from "./task.ts";
import { TaskBook } from "./task_book.ts";
import { verdictOfExit, verdictOfFailure } from "./verdict.ts";

/** A cell that boots slower than this is not going to. */
const BOOT_TIMEOUT_MS = 15_000;
/** A frame's own fields around what the script put out. */
const FRAME_SLACK_BYTES = 16_384;

/** What a {@linkcode CellSession} is for. */
export interface SessionOptions {
  readonly limits: Limits;
  readonly level: Figures["level"];
  readonly module: CellModule;
  /** Many tasks at a time: what belongs to none of them is bounded by its rate. */
  readonly shared: boolean;
  readonly bounds?: CallBounds;
  /** What belongs to no task. */
  onEvent?(event: RunEvent): void;
}

/**
 * One cell with one module in it, and the tasks under way there. Understands what the cell says,
 * and keeps the limits that are the cell's as a whole; what is wrong with the cell ends all of
 * them.
 */
export class CellSession implements CellListener, TaskHome {
  readonly facts: ScriptFacts;
  readonly load: CellLoad;
  readonly #cell: Cell;
  readonly #options: SessionOptions;
  readonly #bounds: CallBounds;
  readonly #pace: CallPace;
  readonly #heartbeat: Heartbeat;
  readonly #text: FailureText;
  readonly #tasks = new TaskBook();
  readonly #parts = new Set<PartName>();
  readonly #booting: ReturnType<typeof setTimeout>;
  #end: Outcome | undefined;
  #told!: (end: Outcome) => void;
  /** How the cell ended, once it has. Never rejects. */
  readonly ended: Promise<Outcome>;

  constructor(cell: Cell, options: SessionOptions) {
    const { limits, module, bounds = CALL_BOUNDS } = options;
    this.#cell = cell;
    this.#options = options;
    this.#bounds = bounds;
    this.#pace = new CallPace(bounds);
    this.#text = new FailureText(module.scriptUrl);
    this.facts = factsOf(module.scriptUrl);
    this.load = new CellLoad(limits);
    this.#heartbeat = new Heartbeat((limitMs) =>
      this.fail({ outcome: "wall", detail: { reason: "unresponsive", limitMs } })
    );
    this.ended = new Promise((resolve) => this.#told = resolve);
    this.#booting = setTimeout(
      () => this.#notStarted(`not ready after ${BOOT_TIMEOUT_MS} ms`),
      BOOT_TIMEOUT_MS,
    );
    const call = bounds.paramsBytes + bounds.chunkBytes;
    cell.send(encodeFrame(TO_CELL.LOAD, module.javascript));
    cell.listen(this, Math.max(limits.outputBytes, call) + FRAME_SLACK_BYTES);
  }

  /** How the cell ended, or nothing while it can take a task. */
  get end(): Outcome | undefined {
    return this.#end;
  }

  get underWay(): number {
    return this.#tasks.size;
  }

  nextId(): number {
    return this.#tasks.nextId();
  }

  /** Hands a task to the worker; its report says how it ends, at once where the cell has ended. */
  begin(task: Task): void {
    if (!task.admit()) return;
    if (this.#end) return task.end(this.#afterEnd(this.#end), false);
    this.#tasks.add(task);
    for (const part of task.parts) this.#bring(part);
    this.send(task.frame());
    if (this.load.empty) this.#start(task, this.load.empty);
  }

  /** Ends the cell and every task in it. */
  fail(outcome: Outcome): void {
    if (this.#end) return;
    this.#end = outcome;
    clearTimeout(this.#booting);
    this.#heartbeat.stop();
    this.#cell.kill();
    for (const task of this.#tasks.all()) task.end(outcome, false);
    this.#told(outcome);
  }

  /** Ends the cell as nobody needs it any more. */
  close(): void {
    this.fail({ outcome: "interrupted", detail: { reason: "the cell was closed" } });
  }

  // -- what tasks need ---------------------------------------------------------------------------

  send(frame: Uint8Array): Promise<void> {
    return this.#cell.send(frame);
  }

  lender(options: Parameters<TaskHome["lender"]>[0]): Lender {
    const send = (frame: Uint8Array) => this.send(frame);
    return new Lender({ ...options, send, pace: this.#pace, bounds: this.#bounds });
  }

  over(task: Task, outcome: Outcome, answered: boolean): void {
    try {
      if (!this.#tasks.remove(task.id, answered)) return;
    } catch (error) {
      return this.#protocol((error as Error).message);
    }
    if (this.#tasks.size === 0) this.#heartbeat.rest();
    if (!this.#options.shared && !(answered && mayGoOn(outcome))) this.fail(outcome);
  }

  // -- what the cell says ------------------------------------------------------------------------

  ready(empty: CellFigures): void {
    clearTimeout(this.#booting);
    this.load.begin(empty);
    for (const task of this.#tasks.all()) this.#start(task, empty);
  }

  frame(frame: Frame): void {
    if (this.#end) return;
    try {
      this.#handle(readMessage(frame));
    } catch (error) {
      this.#protocol((error as Error).message);
    }
  }

  stderr(bytes: number): void {
    this.#output(bytes, this.#only);
  }

  violation(error: FrameError): void {
    if (error.code === "untagged") return this.#protocol(error.message);
    this.fail({ outcome: "output", detail: { limitBytes: this.#options.limits.outputBytes } });
  }

  exited({ code, signal }: Deno.CommandStatus, stderrTail: string): void {
    if (!this.load.empty) return this.#notStarted(stderrTail.trim() || `exit ${signal ?? code}`);
    const { peakBytes, cpuMs } = this.#only?.meter ?? this.load;
    this.fail(verdictOfExit({ code, signal, stderrTail, peakBytes, cpuMs }, this.#options.limits));
  }

  #handle(message: CellMessage): void {
    switch (message.type) {
      case "beat":
        this.#heartbeat.beat();
        return this.#measure(message.figures);
      case "loaded":
        // Once, and never by the script: what it names is replaced in every message after.
        if (this.#text.blob || !message.blob) return this.#protocol("a second loaded frame");
        this.#text.blob = message.blob;
        return;
      case "result":
        return this.#answered(message.task, message.figures, message.text.length, (task) => {
          task.end(task.answered(message.text), true);
        });
      case "failure":
        return this.#failed(message);
      case "event": {
        const task = this.#tasks.get(message.task) ?? this.#only;
        if (task) return task.event(message.event, message.bytes);
        this.#output(message.bytes);
        if (!this.#end) this.#options.onEvent?.(message.event);
        return;
      }
      case "call":
        return this.#call(message.call);
      case "exit":
        return this.fail({ outcome: "exited", detail: { code: message.code } });
      case "violation":
        return this.#protocol(message.message);
      case "ready":
        return this.#protocol("a second ready frame");
    }
  }

  /** The worker is done with a task, which may be over for the agent already. */
  #answered(
    id: number,
    figures: CellFigures,
    outputBytes: number,
    then: (task: Task) => void,
  ): void {
    const task = this.#tasks.answered(id);
    this.#measure(figures);
    if (!task || task.ended || task.endIf(task.meter.output(outputBytes))) return;
    then(task);
    this.load.answered(figures);
  }

  #failed({ task: id, figures, failure, blob, fatal }: CellMessage & { type: "failure" }): void {
    this.#text.blob ||= blob;
    const { limits, shared, onEvent } = this.#options;
    const told = this.#text.named(failure);
    const bytes = told.message.length + told.stack.length;
    if (id !== 0) {
      return this.#answered(id, figures, bytes, (task) => {
        task.end(verdictOfFailure(told, limits), true);
      });
    }
    this.#measure(figures);
    this.#output(bytes, this.#only);
    if (this.#end) return;
    if (fatal || !shared) return this.fail(verdictOfFailure(told, limits));
    // Whose it was cannot be told: the others are not to pay for it.
    const text = `Uncaught ${told.stack || `${told.name}: ${told.message}`}`;
    onEvent?.({ type: "log", level: "error", text });
  }

  #call(call: ScriptCall): void {
    const task = this.#tasks.caller(call);
    if (task) task.call(call);
    else this.send(goneFrame(call.id));
  }

  // -- how it goes -------------------------------------------------------------------------------

  /** The task that the cell is for, where it is for one at a time. */
  get #only(): Task | undefined {
    return this.#options.shared ? undefined : this.#tasks.first();
  }

  #start(task: Task, empty: CellFigures): void {
    task.begin(empty, this.load.cpuMs);
    if (!task.ended) this.#heartbeat.start();
  }

  #bring(part: PartName): void {
    if (this.#parts.has(part)) return;
    this.#parts.add(part);
    this.send(encodeFrame(TO_CELL.PART, `${part}\n`, partSource(part)));
  }

  /** Processor time and memory are those of the one task, or of the cell. */
  #measure(figures: CellFigures): void {
    const only = this.#only;
    const verdict = this.load.measure(figures, only !== undefined);
    if (only) return void only.endIf(only.meter.measure(figures));
    for (const task of this.#tasks.all()) task.meter.note(figures);
    if (verdict) this.fail(verdict);
  }

  #output(bytes: number, task?: Task): void {
    if (task) task.endIf(task.meter.output(bytes));
    else {
      const verdict = this.load.output(bytes);
      if (verdict) this.fail(verdict);
    }
  }

  #protocol(message: string): void {
    this.fail({ outcome: "protocol", detail: { message } });
  }

  #notStarted(found: string): void {
    const message = `Cannot start a cell: ${found}`;
    this.fail({ outcome: "refused", detail: { rule: "cell_start", message } });
  }

  #afterEnd(end: Outcome): Outcome {
    if (end.outcome === "refused") return end;
    const message = `Cannot use the cell as it has ended: ${end.outcome}`;
    return { outcome: "refused", detail: { rule: "cell_start", message } };
  }
}
