import { VerificationError } from "../../core/errors.ts";
import type { InputAnswer, InputQuestion } from "./input_thread_main.ts";

/** How long the thread stays when nobody asks it anything, with what it keeps. */
const IDLE_MS = 10_000;

interface Waiting {
  resolve(): void;
  reject(error: Error): void;
}

/**
 * Holds inputs against schemas in a thread of its own: patterns may take a fifth of a second to
 * compile, a long input a third to check. That is the publisher's and the orderer's choice, and
 * nobody else is to wait for it.
 *
 * The thread starts with the first question and ends when it was idle for a while.
 */
export class InputThread implements Disposable {
  readonly #idleMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #closed = false;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor({ idleMs = IDLE_MS }: { idleMs?: number } = {}) {
    this.#idleMs = idleMs;
  }

  /** Whether there is one. */
  get alive(): boolean {
    return this.#worker !== undefined;
  }

  /**
   * @throws {VerificationError} input – the input does not fit
   * @throws {VerificationError} input_schema – the schema cannot be used
   */
  require(question: Omit<InputQuestion, "id">): Promise<void> {
    if (this.#closed) return Promise.reject(stopped());
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    const id = this.#asked++;
    this.#worker.postMessage({ ...question, id });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** Whoever still waits is told. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#end(stopped());
  }

  #start(): Worker {
    const worker = new Worker(new URL("input_thread_main.ts", import.meta.url), {
      type: "module",
      deno: { permissions: "none" },
    });
    worker.onmessage = ({ data }) => this.#answered(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#end(new Error(`Cannot check the input: ${event.message}`));
    };
    return worker;
  }

  #answered({ id, fault }: InputAnswer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) {
      this.#idle = setTimeout(() => this.#end(stopped()), this.#idleMs);
      Deno.unrefTimer(this.#idle);
    }
    if (fault) waiting?.reject(new VerificationError(fault.code, fault.message));
    else waiting?.resolve();
  }

  #end(why: Error): void {
    clearTimeout(this.#idle);
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(why);
    this.#waiting.clear();
  }
}

function stopped(): Error {
  return new Error("Cannot check the input as the agent stops");
}
