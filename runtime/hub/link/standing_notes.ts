import type { KeyId } from "../../core/documents/common.ts";
import { WRIT_VERSION } from "../../core/version.ts";
import type { FromHub } from "../../agent/hub_link/wire.ts";
import type { Standing } from "../agents/agent_record.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import { newestDocument } from "../lists/carried_documents.ts";
import type { OfferedRelease, Releases } from "../releases/releases.ts";
import { listFor, type ListName, type OfferedLists, offeredLists } from "../rollout/held_lists.ts";
import type { AgentLink } from "./agent_link.ts";
import type { Spread } from "./spread.ts";

type Note = Extract<FromHub, { type: "standing" }>;
type Offer = Extract<FromHub, { type: "release" }>;

/** The newest root, the lists, and which agents are told of which. */
interface Newest {
  /** Stands for all that it was read from. */
  readonly mark: string;
  readonly root: number;
  readonly lists: OfferedLists;
  readonly release: OfferedRelease | undefined;
}

/** What agents are told first: where they stand, and which documents there are. */
export class StandingNotes {
  readonly #database: HubDatabase;
  readonly #releases: Pick<Releases, "offered">;
  readonly #spread: Pick<Spread, "ms">;
  /** By tenant, until there is a new document or a ring's turn comes. */
  readonly #newest = new Map<string, Promise<Newest>>();

  constructor(
    options: {
      database: HubDatabase;
      releases: Pick<Releases, "offered">;
      spread: Pick<Spread, "ms">;
    },
  ) {
    this.#database = options.database;
    this.#releases = options.releases;
    this.#spread = options.spread;
  }

  async of(link: AgentLink): Promise<Note> {
    const { tenant, agent } = link;
    const { root, lists } = await this.#newestOf(tenant);
    const standing = link.isApproved ? "approved" : "pending";
    const spreadMs = link.spreadMs = this.#spread.ms;
    const list = named(listFor(agent, lists));
    return { type: "standing", standing, root, list, spreadMs, version: WRIT_VERSION };
  }

  /** The release that an agent is offered, if its turn has come. */
  async offerFor({ tenant, agent, isApproved }: AgentLink): Promise<Offer | undefined> {
    const { release } = await this.#newestOf(tenant);
    if (!release || !isApproved) return undefined;
    if (release.reached !== "everybody" && !release.reached.has(agent)) return undefined;
    return { type: "release", release: release.number, envelope: release.envelope };
  }

  /**
   * Forgets what is not so any more: a hub that carries something new tells the others, and a message
   * of theirs may be lost.
   *
   * @returns the tenants of which something was forgotten.
   */
  async forgetOld(): Promise<string[]> {
    const old: string[] = [];
    for (const [tenant, reading] of [...this.#newest]) {
      const newest = await reading.catch(() => undefined);
      if (!newest || await this.#mark(tenant) === newest.mark) continue;
      if (this.#newest.get(tenant) === reading) this.#newest.delete(tenant);
      old.push(tenant);
    }
    return old;
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

  #newestOf(tenant: string): Promise<Newest> {
    const known = this.#newest.get(tenant);
    if (known) return known;
    const newest = this.#read(tenant);
    this.#newest.set(tenant, newest);
    // One that was forgotten meanwhile has another in its place.
    newest.catch(() => this.#newest.get(tenant) === newest && this.#newest.delete(tenant));
    return newest;
  }

  async #read(tenant: string): Promise<Newest> {
    // Before the rest: what changes meanwhile has another.
    const mark = await this.#mark(tenant);
    const root = await newestDocument(this.#database, tenant, "root");
    const lists = await offeredLists(this.#database, tenant);
    const release = await this.#releases.offered(tenant);
    return { mark, root: root!.version, lists, release };
  }

  /** Documents and rings are only ever added, and rollouts change where they stand. */
  async #mark(tenant: string): Promise<string> {
    const counts = await this.#database.get(
      `SELECT (SELECT count(*) FROM documents WHERE tenant = ?1) AS documents,
         (SELECT count(*) FROM rollouts WHERE tenant = ?1) AS rollouts`,
      [tenant],
    );
    const unfinished = await this.#database.all(
      `SELECT id, state, count(started) AS started FROM rollouts
         LEFT JOIN rollout_rings AS rings
           ON rings.tenant = rollouts.tenant AND rings.rollout = rollouts.id
       WHERE rollouts.tenant = ?1 AND state <> 'done' GROUP BY id, state ORDER BY id`,
      [tenant],
    );
    return JSON.stringify([counts, unfinished]);
  }
}

function named(list: ListName | undefined): Note["list"] {
  return list ? { epoch: list.epoch, version: list.version } : null;
}
