import type { CallContext, Context } from "writ";

/** Runs with this key are rounds: one waits at most. */
const KEY = "round";
const INPUT = { do: "sync" };
/** The longest until it is looked whether this agent was started anew: then a round is due at once. */
const STEP_MS = 300_000;

type Schedules = Pick<CallContext, "schedule">;

/** When peers are asked: a cell that is new has asked nobody, whatever was planned before. */
export class Rounds {
  /** By the clock on the wall, and by one that nobody sets and that stands while a machine sleeps. */
  #due = { wall: -Infinity, steady: -Infinity };

  /** Has one come at a time, milliseconds since 1970, whatever is planned. */
  async call(ctx: Schedules, at: number): Promise<void> {
    this.#due = { wall: -Infinity, steady: -Infinity };
    await ctx.schedule(at, INPUT, { key: KEY });
  }

  /**
   * Plans the next round, and tells whether one is to be done now.
   *
   * @returns nothing is due where the script only woke to look whether it was started anew
   */
  async begin(ctx: Schedules & Pick<Context, "run">, everyMs: number): Promise<boolean> {
    const [wall, steady] = [Date.now(), performance.now()];
    const isDue = ctx.run?.orderer !== "script" ||
      wall >= this.#due.wall || steady >= this.#due.steady;
    // Not all agents at the same moment.
    const waitMs = everyMs * (0.75 + Math.random() / 2);
    if (isDue) this.#due = { wall: wall + waitMs, steady: steady + waitMs };
    await ctx.schedule(Math.min(this.#due.wall, wall + STEP_MS), INPUT, { key: KEY });
    return isDue;
  }
}

/** Those of this cell. */
export const rounds = new Rounds();
