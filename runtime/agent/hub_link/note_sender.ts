import type { StoredInform } from "../store/hub_notes.ts";
import type { NoteListener, ScriptNotes } from "./script_notes.ts";
import type { FromAgent } from "./wire.ts";

/** Informs on their way to the hub at the same time. */
const INFORMS_AT_ONCE = 8;
/** Traps in a minute; what is more is dropped. */
const TRAPS_PER_MINUTE = 60;
const MINUTE_MS = 60_000;
/** Facts that change without end are told this often. */
const FACTS_EVERY_MS = 1_000;

/** What {@linkcode NoteSender} works with. */
export interface NoteSenderOptions {
  notes: ScriptNotes;
  send(message: FromAgent): void;
  /** Tells all facts anew. */
  tellFacts(): void;
}

/** Tells the hub what scripts say, over one connection: informs in turn, until each is stored. */
export class NoteSender implements NoteListener, Disposable {
  readonly #options: NoteSenderOptions;
  readonly #sent = new Set<string>();
  #listening: Disposable | undefined;
  #minute = -1;
  #traps = 0;
  #factsTimer: ReturnType<typeof setTimeout> | undefined;
  #factsTold = -Infinity;

  constructor(options: NoteSenderOptions) {
    this.#options = options;
  }

  /** Begins with what the hub may have missed. */
  begin(): void {
    this.#listening = this.#options.notes.listen(this);
    this.informed();
  }

  factsChanged(): void {
    if (this.#factsTimer !== undefined) return;
    const rest = this.#factsTold + FACTS_EVERY_MS - performance.now();
    this.#factsTimer = setTimeout(() => {
      this.#factsTimer = undefined;
      this.#factsTold = performance.now();
      this.#options.tellFacts();
    }, Math.max(0, rest));
  }

  informed(): void {
    const { notes, send } = this.#options;
    for (const { id, ...inform } of notes.informs(INFORMS_AT_ONCE)) {
      if (this.#sent.has(id)) continue;
      this.#sent.add(id);
      send({ type: "inform", id, ...written(inform) });
    }
  }

  trapped(trap: Omit<StoredInform, "id">): void {
    const minute = Math.floor(performance.now() / MINUTE_MS);
    if (minute !== this.#minute) [this.#minute, this.#traps] = [minute, 0];
    if (++this.#traps <= TRAPS_PER_MINUTE) this.#options.send({ type: "trap", ...written(trap) });
  }

  /** The hub has stored an inform. */
  async stored(id: string): Promise<void> {
    if (!this.#sent.has(id)) return;
    await this.#options.notes.stored(id);
    this.#sent.delete(id);
    this.informed();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#factsTimer);
    this.#listening?.[Symbol.dispose]();
  }
}

function written({ data, ...note }: Omit<StoredInform, "id">) {
  return { ...note, data: JSON.parse(data) as unknown };
}
