import type { KeyId } from "../../core/documents/common.ts";
import { type ArtefactRefusal, refusedEvent } from "../artefacts/artefact_part.ts";
import { keepArtefact, refusalOf, refuseArtefact } from "../artefacts/artefacts.ts";
import type { HubQueries } from "../database/hub_database.ts";
import type { StoredEvents } from "./stored_events.ts";

/** A file that is not kept, or not whole. */
export interface RefusedFile {
  readonly run: number;
  readonly name: string;
  readonly code: ArtefactRefusal;
}

/** Parts that were left out of one order, up to which each is listed as one that is missing. */
const LISTED_LOST = 1_000;

/** Where the events of one order on one agent go, within a transaction. */
export class EventStore {
  readonly #tx: HubQueries;
  readonly #of: { tenant: string; order: string; agent: KeyId };

  constructor(tx: HubQueries, of: { tenant: string; order: string; agent: KeyId }) {
    this.#tx = tx;
    this.#of = of;
  }

  /** @param before How many were left out before. @returns files that the agent is told of. */
  async put(events: StoredEvents, before: number): Promise<RefusedFile[]> {
    const { tenant, order, agent } = this.#of;
    const refused: RefusedFile[] = [];
    for (const { run, seq, time, event, artefact } of events.kept) {
      const code = artefact &&
        await keepArtefact(this.#tx, tenant, order, { agent, run, time }, artefact);
      if (code) refused.push({ run, name: artefact.name, code });
      await this.#tx.run(
        `INSERT INTO run_log VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (tenant, order_id, agent, run, seq) DO NOTHING`,
        [tenant, order, agent, run, seq, time, code ? refusedEvent(event, code) : event],
      );
    }
    for (const { run, time, artefact } of events.lost) {
      refused.push({ run, name: artefact.name, code: "log_full" });
      if (before >= LISTED_LOST) continue;
      await refuseArtefact(this.#tx, tenant, order, { agent, run, time }, artefact, "log_full");
    }
    return distinct([...refused, ...await this.refusedAgain(events.again)]);
  }

  /** Of files that were told of before, those that are refused: the agent may not have heard it. */
  async refusedAgain(again: StoredEvents["again"]): Promise<RefusedFile[]> {
    const { tenant, order, agent } = this.#of;
    const refused: RefusedFile[] = [];
    for (const { run, name } of distinct(again)) {
      const code = await refusalOf(this.#tx, tenant, order, { agent, run, name });
      if (code) refused.push({ run, name, code });
    }
    return refused;
  }
}

/** Each file once. */
function distinct<T extends { run: number; name: string }>(files: readonly T[]): T[] {
  return [...new Map(files.map((file) => [`${file.run} ${file.name}`, file])).values()];
}
