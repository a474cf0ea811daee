import type { KeyId } from "../../core/documents/common.ts";
import type { FromHub } from "../../agent/hub_link/wire.ts";
import type { Standing } from "../agents/agent_record.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import { newestDocument } from "../lists/carried_documents.ts";
import type { AgentLink } from "./agent_link.ts";

type Note = Extract<FromHub, { type: "standing" }>;

/** What agents are told first: where they stand, and which documents there are. */
export class StandingNotes {
  readonly #database: HubDatabase;
  readonly #spreadMs: () => number;
  /** By tenant; the same for all of its agents, until there is a new document. */
  readonly #newest = new Map<string, Promise<Pick<Note, "root" | "list">>>();

  constructor(options: { database: HubDatabase; spreadMs(): number }) {
    this.#database = options.database;
    this.#spreadMs = options.spreadMs;
  }

  async of({ tenant, isApproved }: AgentLink): Promise<Note> {
    const newest = this.#newest.get(tenant) ?? this.#read(tenant);
    this.#newest.set(tenant, newest);
    newest.catch(() => this.#newest.delete(tenant));
    const standing = isApproved ? "approved" : "pending";
    const spreadMs = Math.ceil(this.#spreadMs());
    return { type: "standing", standing, ...await newest, spreadMs };
  }

  /** Call when there is a new document. */
  forget(tenant: string): void {
    this.#newest.delete(tenant);
  }

  async standing(tenant: string, agent: KeyId): Promise<Standing | undefined> {
    const row = await this.#database.get<{ standing: Standing }>(
      "SELECT standing FROM agents WHERE tenant = ?1 AND id = ?2",
      [tenant, agent],
    );
    return row?.standing;
  }

  async #read(tenant: string): Promise<Pick<Note, "root" | "list">> {
    const root = await newestDocument(this.#database, tenant, "root");
    const list = await newestDocument(this.#database, tenant, "acceptlist");
    return {
      root: root!.version,
      list: list ? { epoch: list.epoch, version: list.version } : null,
    };
  }
}
