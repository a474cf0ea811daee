import type { ScriptName } from "../../core/documents/common.ts";
import type { UnfinishedRun } from "../store/runs.ts";

interface Lane {
  /** First come first served. */
  runs: Map<number, UnfinishedRun>;
  /** One of it has begun and not ended. */
  busy: boolean;
  /** Retries whose time has not come, and past which nobody of this lane may go. */
  held: Set<number>;
}

/**
 * Runs whose time has come, in lanes: one for each queue key of a script, in which one run goes
 * after another and a retry keeps the place of the run that failed; and one of its own for each
 * run without a key. The lanes of a script take turns.
 */
export class WaitingLanes {
  readonly #lanes = new Map<string, Lane>();
  /** Lanes whose first run may begin, by script; the one whose turn it is stands first. */
  readonly #open = new Map<ScriptName, Map<string, Lane>>();

  /** Scripts that have a run which may begin. */
  scripts(): ScriptName[] {
    return [...this.#open.keys()];
  }

  /** Lines a run up: at the end of its lane, a retry in front. */
  add(run: UnfinishedRun): void {
    const lane = this.#laneOf(run);
    lane.held.delete(run.id);
    if (run.attempt > 1) lane.runs = new Map([[run.id, run], ...lane.runs]);
    else lane.runs.set(run.id, run);
    this.#settle(run, lane);
  }

  /** Keeps the lane closed until the retry's time has come, so that what follows stays behind it. */
  hold(run: UnfinishedRun): void {
    if (run.queueKey === null || run.attempt === 1) return;
    const lane = this.#laneOf(run);
    lane.held.add(run.id);
    this.#settle(run, lane);
  }

  /** Forgets a run that will not begin. */
  remove(run: UnfinishedRun): void {
    const lane = this.#laneOf(run);
    lane.held.delete(run.id);
    lane.runs.delete(run.id);
    this.#settle(run, lane);
  }

  /** Takes the run whose turn it is; its lane stays closed until {@linkcode finish}. */
  take(script: ScriptName): UnfinishedRun | undefined {
    const lane = this.#open.get(script)?.values().next().value;
    const run = lane?.runs.values().next().value;
    if (!lane || !run) return undefined;
    lane.runs.delete(run.id);
    lane.busy = true;
    this.#settle(run, lane);
    return run;
  }

  /** A run that was taken has ended. */
  finish(run: UnfinishedRun): void {
    const lane = this.#laneOf(run);
    lane.busy = false;
    this.#settle(run, lane);
  }

  #laneOf(run: UnfinishedRun): Lane {
    const name = nameOf(run);
    const lane = this.#lanes.get(name) ?? { runs: new Map(), busy: false, held: new Set() };
    this.#lanes.set(name, lane);
    return lane;
  }

  /** Opens, closes or forgets a lane, as its state demands. */
  #settle(run: UnfinishedRun, lane: Lane): void {
    const name = nameOf(run);
    const open = this.#open.get(run.script) ?? new Map<string, Lane>();
    if (lane.runs.size > 0 && !lane.busy && lane.held.size === 0) open.set(name, lane);
    else open.delete(name);
    if (open.size > 0) this.#open.set(run.script, open);
    else this.#open.delete(run.script);
    if (lane.runs.size === 0 && !lane.busy && lane.held.size === 0) this.#lanes.delete(name);
  }
}

function nameOf({ id, script, queueKey }: UnfinishedRun): string {
  return queueKey === null ? `${script}#${id}` : `${script}\n${queueKey}`;
}
