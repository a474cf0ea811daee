import type { CallContext } from "writ";
import { InTurn } from "./in_turn.ts";

/** The longest that a queue waits for its printer before it asks again. */
export const LONGEST_WAIT_MS = 60_000;
/** A run that is so late has gone another way: somebody cancelled it before it began. */
const LATE_MS = 5_000;

/**
 * Sees to it that a queue with work has a run coming, on disk: also when this cell dies at once. At
 * most one is scheduled for a queue.
 */
export class Waker {
  /** When the scheduled run comes, by queue. */
  readonly #armed = new Map<string, number>();
  readonly #notBefore = new Map<string, number>();
  /** Queues with a run under way, whose successor is on disk. */
  readonly #running = new Set<string>();
  readonly #writes = new InTurn<string>();

  /** Schedules a run, unless one comes as early. A queue that waits for its printer goes on waiting. */
  arm(ctx: CallContext, queue: string, at: number): Promise<void> {
    if (this.#running.has(queue)) return Promise.resolve();
    // A clock that was set back would have it wait as long as that again.
    const longest = Date.now() + LONGEST_WAIT_MS;
    const when = Math.max(at, Math.min(this.#notBefore.get(queue) ?? 0, longest));
    // Most jobs find a run on its way, or under way with its successor: nothing to write then.
    if (this.#comes(queue, when)) return Promise.resolve();
    return this.#writes.alone(queue, async () => {
      if (this.#running.has(queue) || this.#comes(queue, when)) return;
      await this.#schedule(ctx, queue, when);
    });
  }

  #comes(queue: string, when: number): boolean {
    const armed = this.#armed.get(queue) ?? Infinity;
    return armed <= when && armed > Date.now() - LATE_MS;
  }

  /** The scheduled run has begun: it schedules its own successor, in case it does not end well. */
  begin(ctx: CallContext, queue: string, successorAt: number): Promise<void> {
    return this.#writes.alone(queue, async () => {
      this.#notBefore.delete(queue);
      await this.#schedule(ctx, queue, successorAt);
      this.#running.add(queue);
    });
  }

  /** The run broke off: its successor comes at its time. */
  break(queue: string): void {
    this.#running.delete(queue);
  }

  /**
   * The run ends: the next one comes when there is something to do, and not before.
   *
   * @param due Asked last of all, when no job can slip in between.
   * @param notBefore No new job makes it come earlier.
   */
  end(
    ctx: CallContext,
    queue: string,
    due: () => number | undefined,
    notBefore = 0,
  ): Promise<void> {
    return this.#writes.alone(queue, async () => {
      this.#running.delete(queue);
      this.#armed.delete(queue);
      const at = due();
      if (at === undefined) await ctx.unschedule(keyOf(queue));
      else {
        this.#notBefore.set(queue, notBefore);
        await this.#schedule(ctx, queue, Math.max(at, notBefore));
      }
    });
  }

  /** A person says that the printer is ready again. */
  async hurry(ctx: CallContext, queue: string): Promise<void> {
    this.#notBefore.delete(queue);
    if (this.#running.has(queue)) return;
    await this.arm(ctx, queue, Date.now());
  }

  async #schedule(ctx: CallContext, queue: string, at: number): Promise<void> {
    await ctx.schedule(at, { wake: queue }, { key: keyOf(queue) });
    this.#armed.set(queue, at);
  }
}

function keyOf(queue: string): string {
  return `queue:${queue}`;
}
