import type { Standing } from "../agents/agent_record.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import { HUB_LIMITS } from "../limits.ts";
import { OPEN } from "../orders/delivery_tables.ts";
import type { AgentLink } from "./agent_link.ts";

/** Rows written with one question. */
const AT_ONCE = 200;

/** How the connections end of a hub that is not there any more. */
const HUB_GONE = "its hub is gone";

/** What is written of a connection. */
type Connection = Pick<AgentLink, "tenant" | "agent" | "id" | "seen">;

/** Which agent is connected. */
type Connected = Pick<AgentLink, "tenant" | "agent">;

/** How a connection ended, and when. */
interface LinkEnd {
  readonly link: Connection;
  readonly why: string;
  readonly at: number;
}

/** Who is connected to which hub, so that every hub and every page knows. */
export class PresenceTable {
  readonly #database: HubDatabase;
  readonly #hub: string;
  readonly #now: () => number;
  readonly #uptime: () => number;
  readonly #unwritten = new Set<LinkEnd>();
  /** What other hubs have said last, and since when that is known here, by uptime. */
  readonly #others = new Map<string, { readonly seen: number; readonly since: number }>();

  /** @param options `uptime()` is in milliseconds, by a clock that nobody sets. */
  constructor(options: { database: HubDatabase; hub: string; now(): number; uptime(): number }) {
    this.#database = options.database;
    this.#hub = options.hub;
    this.#now = options.now;
    this.#uptime = options.uptime;
  }

  /** Ends what this hub did not end itself, when it was killed. */
  async forgetAll(): Promise<void> {
    await this.#forget(this.#hub, "the hub was started again");
  }

  /** @returns where the agent stands now; a change that is made later finds its connection. */
  async begin({ tenant, agent, id }: Connection): Promise<Standing | undefined> {
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
  async end(link: Connection, why: string): Promise<void> {
    const end: LinkEnd = { link, why, at: this.#now() };
    this.#unwritten.add(end);
    await this.#writeEnd(end);
  }

  /** Agents that are connected here, and for which orders wait, or were sent and not answered. */
  async withWaiting(): Promise<Connected[]> {
    const now = this.#now();
    return await this.#database.all(
      `SELECT a.tenant, a.id AS agent FROM agents a WHERE a.hub = ?1 AND EXISTS (
         SELECT 1 FROM deliveries d WHERE d.tenant = a.tenant AND d.agent = a.id
           AND d.${OPEN} AND d.state IN ('queued', 'sent') AND d.expires > ?2
           AND (d.state = 'queued' OR d.lease <= ?2 OR d.lease > ?3))`,
      [this.#hub, now, now + HUB_LIMITS.LEASE_MS],
    );
  }

  /** Agents that were revoked, and are connected here. */
  async revoked(): Promise<Connected[]> {
    return await this.#database.all(
      "SELECT tenant, id AS agent FROM agents WHERE hub = ?1 AND standing = 'revoked'",
      [this.#hub],
    );
  }

  /** Writes what was heard, and which connections have ended without its being written. */
  async heard(links: readonly Connection[]): Promise<void> {
    for (const end of [...this.#unwritten]) await this.#writeEnd(end);
    for (let i = 0; i < links.length; i += AT_ONCE) {
      const some = links.slice(i, i + AT_ONCE);
      await this.#database.transaction(async (tx) => {
        for (const { tenant, agent, id, seen } of some) {
          await tx.run(
            // Another hub may have taken this one for gone.
            `UPDATE agents SET hub = ?5, link = ?3, link_end = NULL, last_seen = ?4
             WHERE tenant = ?1 AND id = ?2
               AND (link = ?3 OR (link IS NULL AND link_end = '${HUB_GONE}'))`,
            [tenant, agent, id, seen, this.#hub],
          );
        }
      });
    }
    // Heard before the clock was set back: nobody is to look heard of for longer than it is true.
    await this.#database.run(
      "UPDATE agents SET last_seen = ?2 WHERE hub = ?1 AND last_seen > ?2",
      [this.#hub, this.#now()],
    );
  }

  /**
   * Tells the other hubs that this one is there, and ends the connections of those that are not. A
   * hub that says nothing new is gone, whatever its clock says.
   */
  async beat(url: string, silentMs: number): Promise<void> {
    const now = this.#now();
    await this.#database.run(
      `INSERT INTO hubs VALUES (?1, ?2, ?3)
       ON CONFLICT (id) DO UPDATE SET url = excluded.url, seen = excluded.seen`,
      [this.#hub, url, now],
    );
    for (const id of await this.#silentHubs(silentMs)) {
      await this.#forget(id, HUB_GONE);
      const { seen } = this.#others.get(id)!;
      await this.#database.run("DELETE FROM hubs WHERE id = ?1 AND seen = ?2", [id, seen]);
    }
  }

  /** Which other hubs have not said for so long that they are there. */
  async #silentHubs(silentMs: number): Promise<string[]> {
    const uptime = this.#uptime();
    const before = new Map(this.#others);
    this.#others.clear();
    const rows = await this.#database.all<{ id: string; seen: number }>(
      "SELECT id, seen FROM hubs WHERE id <> ?1",
      [this.#hub],
    );
    for (const { id, seen } of rows) {
      const known = before.get(id);
      this.#others.set(id, known?.seen === seen ? known : { seen, since: uptime });
    }
    return [...this.#others].filter(([, { since }]) => uptime - since >= silentMs)
      .map(([id]) => id);
  }

  async #writeEnd(end: LinkEnd): Promise<void> {
    const { link: { tenant, agent, id, seen }, why, at } = end;
    await this.#database.run(
      `UPDATE agents SET hub = NULL, link = NULL, link_since = ?4, link_end = ?5, last_seen = ?6
       WHERE tenant = ?1 AND id = ?2
         AND (link = ?3 OR (link IS NULL AND link_end = '${HUB_GONE}'))`,
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
