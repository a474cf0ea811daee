import { HUB_NOTE_LIMITS, type HubNote, type HubNotes } from "../../capabilities/hub.ts";
import type { ScriptName } from "../../core/documents/common.ts";
import { CapabilityError } from "../../sandbox/mod.ts";
import type { HubNoteTable, StoredInform } from "../store/hub_notes.ts";
import type { Rules } from "../trust/load_rules.ts";
import type { ReportedFact } from "./wire.ts";

/** Whoever tells the hub, while it is connected. */
export interface NoteListener {
  factsChanged(): void;
  informed(): void;
  trapped(trap: Omit<StoredInform, "id">): void;
}

/** What {@linkcode ScriptNotes} work with. */
export interface ScriptNotesOptions {
  table: HubNoteTable;
  rules(): Rules;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** What scripts tell the hub: kept here until it is connected, and for as long as it must be. */
export class ScriptNotes implements HubNotes {
  readonly #options: ScriptNotesOptions;
  #listener: NoteListener | undefined;

  constructor(options: ScriptNotesOptions) {
    this.#options = options;
  }

  /** Tells of news, until it is disposed of. What is there already is asked for. */
  listen(listener: NoteListener): Disposable {
    this.#listener = listener;
    return {
      [Symbol.dispose]: () => {
        if (this.#listener === listener) this.#listener = undefined;
      },
    };
  }

  async setFact(script: ScriptName, name: string, value: string | null): Promise<void> {
    const { table } = this.#options;
    if (value === null) await table.deleteFact(script, name);
    else {
      this.#requireHub();
      await table.setFact({ script, name, value }, atMost(HUB_NOTE_LIMITS.FACTS, "facts"));
    }
    this.#listener?.factsChanged();
  }

  async inform(script: ScriptName, { name, data }: HubNote): Promise<void> {
    const { table, now } = this.#options;
    this.#requireHub();
    const inform = { id: crypto.randomUUID(), script, name, data, at: now() };
    await table.addInform(inform, atMost(HUB_NOTE_LIMITS.INFORMS, "events that wait"));
    this.#listener?.informed();
  }

  trap(script: ScriptName, { name, data }: HubNote): boolean {
    this.#listener?.trapped({ script, name, data, at: this.#options.now() });
    return this.#listener !== undefined;
  }

  /** Facts of the scripts whose grants still let them tell. */
  facts(): ReportedFact[] {
    const { grants } = this.#options.rules().policy;
    return this.#options.table.facts()
      .filter(({ script }) => grants.get(script)?.capabilities?.hub)
      .map(({ script, name, value }) => ({ script, name, value: JSON.parse(value) }));
  }

  /** Informs that the hub has not stored, oldest first. */
  informs(limit: number): StoredInform[] {
    return this.#options.table.informs(limit);
  }

  /** The hub has stored an inform; resolves when it is forgotten here. */
  async stored(id: string): Promise<void> {
    await this.#options.table.deleteInform(id);
  }

  #requireHub(): void {
    if (this.#options.rules().hub) return;
    throw new CapabilityError("unavailable", "Cannot tell the hub as the policy names none");
  }
}

function atMost(most: number, what: string): (count: number) => void {
  return (count) => {
    if (count <= most) return;
    throw new CapabilityError("quota", `Cannot keep more than ${most} ${what} for the hub`);
  };
}
