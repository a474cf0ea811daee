import type { KeyId } from "../../core/documents/common.ts";
import type { FromHub } from "../../agent/hub_link/wire.ts";
import type { Standing } from "../agents/agent_record.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import {
  type CarriedDocument,
  newestDocument,
  newestDocuments,
} from "../lists/carried_documents.ts";
import type { OfferedRelease, Releases } from "../releases/releases.ts";
import { type HeldList, heldList } from "../rollout/held_list.ts";
import type { AgentLink } from "./agent_link.ts";

type Note = Extract<FromHub, { type: "standing" }>;
type Offer = Extract<FromHub, { type: "release" }>;

type ListName = Pick<CarriedDocument, "epoch" | "version" | "digest">;

/** The newest root, the newest lists, and which agents are not told of the first of these. */
interface Newest {
  readonly root: number;
  readonly lists: readonly ListName[];
  readonly held: HeldList | undefined;
  readonly release: OfferedRelease | undefined;
}

/** What agents are told first: where they stand, and which documents there are. */
export class StandingNotes {
  readonly #database: HubDatabase;
  readonly #releases: Pick<Releases, "offered">;
  readonly #spreadMs: () => number;
  /** By tenant, until there is a new document or a ring's turn comes. */
  readonly #newest = new Map<string, Promise<Newest>>();

  constructor(
    options: { database: HubDatabase; releases: Pick<Releases, "offered">; spreadMs(): number },
  ) {
    this.#database = options.database;
    this.#releases = options.releases;
    this.#spreadMs = options.spreadMs;
  }

  async of(link: AgentLink): Promise<Note> {
    const { tenant, agent } = link;
    const newest = this.#newest.get(tenant) ?? this.#read(tenant);
    this.#newest.set(tenant, newest);
    newest.catch(() => this.#newest.delete(tenant));
    const { root, lists: [list, before], held } = await newest;
    const isHeld = held !== undefined && list?.digest === held.digest && !held.reached.has(agent);
    const standing = link.isApproved ? "approved" : "pending";
    const spreadMs = Math.ceil(this.#spreadMs());
    return { type: "standing", standing, root, list: named(isHeld ? before : list), spreadMs };
  }

  /** The release that an agent is offered, if its turn has come. */
  async offerFor({ tenant, agent, isApproved }: AgentLink): Promise<Offer | undefined> {
    const newest = this.#newest.get(tenant) ?? this.#read(tenant);
    this.#newest.set(tenant, newest);
    const { release } = await newest;
    if (!release || !isApproved) return undefined;
    if (release.reached !== "everybody" && !release.reached.has(agent)) return undefined;
    return { type: "release", release: release.number, envelope: release.envelope };
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

  async #read(tenant: string): Promise<Newest> {
    const root = await newestDocument(this.#database, tenant, "root");
    const documents = await newestDocuments(this.#database, tenant, "acceptlist", 2);
    const lists = documents.map(({ epoch, version, digest }) => ({ epoch, version, digest }));
    const held = await heldList(this.#database, tenant);
    const release = await this.#releases.offered(tenant);
    return { root: root!.version, lists, held, release };
  }
}

function named(list: ListName | undefined): Note["list"] {
  return list ? { epoch: list.epoch, version: list.version } : null;
}
