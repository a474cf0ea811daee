import type { KeyId, ScriptName } from "../../core/documents/common.ts";
import type { FromAgent } from "../../agent/hub_link/wire.ts";
import { rowOf } from "../agents/agent_row.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import { HubError } from "../errors.ts";
import type { HubEvents } from "../events/hub_events.ts";
import { HUB_LIMITS } from "../limits.ts";
import { limitOf, type Page, pageOf, type PageOptions } from "../page.ts";

/** An event that a script told of, by its agent's word. */
export interface ScriptEvent {
  readonly id: string;
  /** Whether its agent tells until it is acknowledged, or once. */
  readonly kind: "inform" | "trap";
  readonly script: ScriptName;
  readonly name: string;
  readonly data: unknown;
  /** By the agent's clock, and by the hub's. */
  readonly at: number;
  readonly received: number;
}

type Reported = Extract<FromAgent, { type: "inform" | "trap" }>;

/** What {@linkcode ScriptEvents} work with. */
export interface ScriptEventsOptions {
  database: HubDatabase;
  events: HubEvents;
  now(): number;
}

/** Events of scripts on their agents: the newest of each, and no more than that of one agent. */
export class ScriptEvents {
  readonly #options: ScriptEventsOptions;

  constructor(options: ScriptEventsOptions) {
    this.#options = options;
  }

  /** Stores what an agent tells; once, however often it does. Resolves when it is on disk. */
  async add(tenant: string, agent: KeyId, event: Reported): Promise<void> {
    const { database, events, now } = this.#options;
    const { type: kind, script, name, at } = event;
    const id = event.type === "inform" ? event.id : crypto.randomUUID();
    const data = JSON.stringify(event.data ?? null);
    if (data.length > HUB_LIMITS.SCRIPT_EVENT_CHARACTERS) {
      throw new HubError("bad_request", `Cannot take an event of ${data.length} characters`);
    }
    await database.transaction(async (tx) => {
      await tx.run(
        `INSERT INTO script_events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (tenant, agent, kind, id) DO NOTHING`,
        [tenant, agent, kind, id, script, name, data, at, now()],
      );
      await tx.run(
        `DELETE FROM script_events WHERE tenant = ?1 AND agent = ?2 AND kind = ?3 AND received <
           (SELECT received FROM script_events WHERE tenant = ?1 AND agent = ?2 AND kind = ?3
            ORDER BY received DESC, id DESC LIMIT 1 OFFSET ${HUB_LIMITS.SCRIPT_EVENTS - 1})`,
        [tenant, agent, kind],
      );
    });
    events.tell(tenant, { type: "agent", id: agent });
  }

  /** Newest first. @throws {HubError} not_found */
  async list(tenant: string, agent: string, query: PageOptions = {}): Promise<Page<ScriptEvent>> {
    const { database } = this.#options;
    await rowOf(database, tenant, agent);
    const limit = limitOf(query);
    const [received, id] = placeOf(query.after);
    const rows = await database.all<Omit<ScriptEvent, "data"> & { data: string }>(
      `SELECT id, kind, script, name, data, at, received FROM script_events
       WHERE tenant = ?1 AND agent = ?2 AND (received < ?3 OR (received = ?3 AND id < ?4))
       ORDER BY received DESC, id DESC LIMIT ?5`,
      [tenant, agent, received, id, limit + 1],
    );
    const page = pageOf(rows, limit, (row) => `${row.received}.${row.id}`);
    return {
      next: page.next,
      items: page.items.map((row) => ({ ...row, data: JSON.parse(row.data) })),
    };
  }
}

function placeOf(after: string | undefined): [number, string] {
  if (after === undefined) return [Number.MAX_SAFE_INTEGER, ""];
  const match = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(after);
  if (match) return [Number(match[1]), match[2]!];
  throw new HubError("bad_request", "Cannot find the page as its name was not given out here");
}
