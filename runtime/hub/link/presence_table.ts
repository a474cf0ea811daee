import type { KeyId } from "../../core/documents/common.ts";
import type { Standing } from "../agents/agent_record.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import type { AgentLink } from "./agent_link.ts";

/** Rows written with one question. */
const AT_ONCE = 200;

/** How a connection ended, and when. */
interface LinkEnd {
  readonly link: AgentLink;
  readonly why: string;
  readonly at: number;
}

/** Who is connected to which hub, so that every hub and every page knows. */
export class PresenceTable {
  readonly #database: HubDatabase;
  readonly #hub: string;
  readonly #now: () => number;
  readonly #unwritten = new Set<LinkEnd>();

  constructor(options: { database: HubDatabase; hub: string; now(): number }) {
    this.#database = options.database;
    this.#hub = options.hub;
    this.#now = options.now;
  }

  /** Ends what this hub did not end itself, when it was killed. */
  async forgetAll(): Promise<void> {
    await this.#forget(this.#hub, "the hub was started again");
  }

  /** @returns where the agent stands now; a change that is made later finds its connection. */
  async begin({ tenant, agent, id }: AgentLink): Promise<Standing | undefined> {
    const row = await this.#database.transaction((tx) =>
      tx.get<{ standing: Standing }>(
        `UPDATE agents SET hub = ?3, link = ?4, link_since = ?5, link_end = NULL, last_seen = ?5
         WHERE tenant = ?1 AND id = ?2 RETURNING standing`,
        [tenant, agent, this.#hub, id, this.#now()],
      )
    );
    return row?.standing;
  }

  /**
   * Only if the agent has no newer connection, here or at another hub. What cannot be written now is
   * written later.
   */
  async end(link: AgentLink, why: string): Promise<void> {
    const end: LinkEnd = { link, why, at: this.#now() };
    this.#unwritten.add(end);
    await this.#writeEnd(end);
  }

  /** Agents that are connected here, and for which orders wait. */
  async withQueued(): Promise<{ tenant: string; agent: KeyId }[]> {
    return await this.#database.all(
      `SELECT a.tenant, a.id AS agent FROM agents a WHERE a.hub = ?1 AND EXISTS (
         SELECT 1 FROM deliveries d WHERE d.tenant = a.tenant AND d.agent = a.id
           AND d.state IN ('queued', 'sent') AND d.state = 'queued' AND d.expires > ?2)
       LIMIT 1000`,
      [this.#hub, this.#now()],
    );
  }

  /** Writes what was heard, and which connections have ended without its being written. */
  async heard(links: readonly AgentLink[]): Promise<void> {
    for (const end of [...this.#unwritten]) await this.#writeEnd(end);
    for (let i = 0; i < links.length; i += AT_ONCE) {
      const some = links.slice(i, i + AT_ONCE);
      await this.#database.transaction(async (tx) => {
        for (const { tenant, agent, id, seen } of some) {
          await tx.run(
            "UPDATE agents SET last_seen = ?4 WHERE tenant = ?1 AND id = ?2 AND link = ?3",
            [tenant, agent, id, seen],
          );
        }
      });
    }
  }

  /** Tells the other hubs that this one is there, and ends the connections of those that are not. */
  async beat(url: string, silentMs: number): Promise<void> {
    const now = this.#now();
    await this.#database.run(
      `INSERT INTO hubs VALUES (?1, ?2, ?3)
       ON CONFLICT (id) DO UPDATE SET url = excluded.url, seen = excluded.seen`,
      [this.#hub, url, now],
    );
    const silent = await this.#database.all<{ id: string }>(
      "SELECT id FROM hubs WHERE seen < ?1",
      [now - silentMs],
    );
    for (const { id } of silent) {
      await this.#forget(id, "its hub is gone");
      await this.#database.run("DELETE FROM hubs WHERE id = ?1 AND seen < ?2", [
        id,
        now - silentMs,
      ]);
    }
  }

  async #writeEnd(end: LinkEnd): Promise<void> {
    const { link: { tenant, agent, id, seen }, why, at } = end;
    await this.#database.run(
      `UPDATE agents SET hub = NULL, link = NULL, link_since = ?4, link_end = ?5, last_seen = ?6
       WHERE tenant = ?1 AND id = ?2 AND link = ?3`,
      [tenant, agent, id, at, why, seen],
    );
    this.#unwritten.delete(end);
  }

  async #forget(hub: string, why: string): Promise<void> {
    await this.#database.run(
      `UPDATE agents SET hub = NULL, link = NULL, link_since = ?2, link_end = ?3 WHERE hub = ?1`,
      [hub, this.#now(), why],
    );
  }
}
