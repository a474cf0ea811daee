import type { Figures, Outcome } from "../../core/outcome.ts";
import type { RunEvent } from "../../sandbox/mod.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { RunState } from "./runs.ts";
import type { Store } from "./store.ts";

/** What can happen in a run: what the script says, and what becomes of it. */
export type RecordedEvent =
  | RunEvent
  | { type: "state"; state: Exclude<RunState, "ended"> }
  /** So many events were beyond the limit and not kept. */
  | { type: "dropped"; count: number }
  /** Always the last. */
  | ({ type: "outcome"; figures: Figures | null } & Outcome);

/** One thing that happened in a run, numbered from 1. `event` is JSON of a {@linkcode RecordedEvent}. */
export interface StoredEvent {
  seq: number;
  time: number;
  event: string;
}

/** The table of run events. */
export class RunEventTable {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Call inside `Store.write()`. */
  append(run: number, time: number, event: RecordedEvent): void {
    this.#store
      .sql(
        `INSERT INTO run_events
         SELECT ?1, coalesce(max(seq), 0) + 1, ?2, ?3 FROM run_events WHERE run = ?1`,
      )
      .run(run, time, JSON.stringify(event));
  }

  /**
   * What came after the event with this number, oldest first: no more than `limit`, and none after
   * they are long enough together to be sent.
   */
  after(run: number, seq: number, limit: number): StoredEvent[] {
    const rows = this.#store
      .sql("SELECT seq, time, event FROM run_events WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?")
      .iterate(run, seq, limit);
    const page: StoredEvent[] = [];
    let characters = 0;
    for (const row of rows as Iterable<unknown> as Iterable<StoredEvent>) {
      page.push(row);
      characters += row.event.length;
      if (characters >= AGENT_LIMITS.EVENT_PAGE_CHARACTERS) break;
    }
    return page;
  }
}
