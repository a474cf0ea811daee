import type { ScriptCall } from "./cell_message.ts";
import type { Task } from "./task.ts";

/** Tasks that were given up and that the script goes on with; a cell with more is of no use. */
const MAX_STRAYS = 4_096;
/** Calls of one request, which the worker never makes once it has answered it. */
const OF_REQUEST = /^(?:request|response|socket)\./;

/**
 * Which tasks of a cell are under way, and which are over for the agent and not yet for the worker.
 * Refuses what an honest worker never says of them, with a `RangeError`.
 */
export class TaskBook {
  readonly #tasks = new Map<number, Task>();
  readonly #strays = new Set<number>();
  #lastTask = 0;
  #lastCall = 0;

  get size(): number {
    return this.#tasks.size;
  }

  nextId(): number {
    return ++this.#lastTask;
  }

  add(task: Task): void {
    this.#tasks.set(task.id, task);
  }

  get(id: number): Task | undefined {
    return this.#tasks.get(id);
  }

  /** All under way, as they are now. */
  all(): Task[] {
    return [...this.#tasks.values()];
  }

  /** The first under way. */
  first(): Task | undefined {
    return this.#tasks.values().next().value;
  }

  /**
   * @param answered The worker itself has said that it is over.
   * @returns Whether it was under way.
   * @throws {RangeError} when the worker has ended too few of those that were given up
   */
  remove(id: number, answered: boolean): boolean {
    if (!this.#tasks.delete(id)) return false;
    if (!answered && this.#strays.add(id).size > MAX_STRAYS) {
      throw new RangeError(`${MAX_STRAYS} requests were given up and none of them has ended`);
    }
    return true;
  }

  /**
   * Whose answer this is.
   *
   * @returns Nothing when it was given up before.
   * @throws {RangeError} for a task that is not the worker's to answer
   */
  answered(id: number): Task | undefined {
    const task = this.#tasks.get(id);
    if (!task && !this.#strays.delete(id)) throw new RangeError("an answer to what was not asked");
    return task;
  }

  /**
   * Whose call this is. The worker counts its calls, so who forges one, or sends one again, falls
   * out of step.
   *
   * @returns Nothing when it is over by now: a promise that nobody waited for, a client that left.
   * @throws {RangeError} for a call out of its turn, or of what was never under way
   */
  caller({ id, task, method }: ScriptCall): Task | undefined {
    if (id !== ++this.#lastCall) throw new RangeError("a call out of its turn");
    const found = this.#tasks.get(task);
    if (found) return found;
    const issued = task >= 1 && task <= this.#lastTask;
    if (!issued || (OF_REQUEST.test(method) && !this.#strays.has(task))) {
      throw new RangeError("a call of what is not under way");
    }
    return undefined;
  }
}
