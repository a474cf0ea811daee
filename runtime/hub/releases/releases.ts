import { parseDocument } from "../../core/documents/parse.ts";
import type { Release } from "../../core/documents/release.ts";
import { openEnvelope } from "../../core/dsse.ts";
import type { Digest, KeyId } from "../../core/documents/common.ts";
import { parseReleaseFiles } from "../../core/release_files.ts";
import { verifyRelease } from "../../core/verification/release.ts";
import { type HubContent, useContent } from "../content/hub_content.ts";
import type { HubDatabase, HubQueries } from "../database/hub_database.ts";
import { HubError } from "../errors.ts";
import { bytesOf, textOf } from "../lists/carried_documents.ts";
import type { Lists } from "../lists/lists.ts";
import { limitOf, numberAfter, type Page, pageOf, type PageOptions } from "../page.ts";
import { reachedAgents } from "../rollout/reached_agents.ts";
import type { RolloutState } from "../rollout/rollout_record.ts";
import { type AgentBehind, agentsBehind } from "./agents_behind.ts";
import { requireFollowed } from "./require_followed.ts";

/** What {@linkcode Releases} work with. */
export interface ReleasesOptions {
  database: HubDatabase;
  content: HubContent;
  lists: Lists;
  now(): number;
}

/** A release that agents would take, and the digests of all that it is made of. */
export interface VerifiedRelease {
  readonly release: Release;
  readonly made: ReadonlySet<Digest>;
}

/** A release as it is listed, and the rollout by which agents come to it. */
export interface ListedRelease extends Omit<Release, "targets" | "fleet"> {
  readonly stored: number;
  readonly storedBy: string;
  readonly rollout: string;
  readonly state: RolloutState;
}

/** A release that an agent did not become. */
export interface FailedRelease {
  readonly number: number;
  /** Why, as the agent said it. */
  readonly code: string;
  readonly rollout: string;
}

/** A release that is offered, and to whom. */
export interface OfferedRelease {
  readonly number: number;
  /** As text. */
  readonly envelope: string;
  /** Those whose turn has come; everybody when all rings have passed. */
  readonly reached: ReadonlySet<KeyId> | "everybody";
}

/**
 * Programs that agents may become. The hub can sign none: it takes what an agent would take, has
 * all parts of it, and says to whom it is offered.
 */
export class Releases {
  readonly #options: ReleasesOptions;

  constructor(options: ReleasesOptions) {
    this.#options = options;
  }

  /**
   * Verifies a release, and that every part of it was uploaded.
   *
   * @throws {VerificationError} – as `verifyRelease()` and `parseReleaseFiles()`
   * @throws {HubError} conflict – it is too far ahead of this hub
   * @throws {HubError} attachment_missing – a part was not uploaded
   */
  async verify(tenant: string, envelope: Uint8Array): Promise<VerifiedRelease> {
    const { database, content, lists, now } = this.#options;
    const { root } = await lists.root(tenant);
    const row = await database.get<{ newest: number | null }>(
      "SELECT max(number) AS newest FROM agent_releases WHERE tenant = ?1",
      [tenant],
    );
    const release = verifyRelease(envelope, { root, newest: row?.newest ?? 0, now: now() });
    requireFollowed(release);
    const made = new Set<Digest>();
    for (const { sha256 } of Object.values(release.targets)) {
      made.add(sha256);
      const list = await content.open(tenant, sha256);
      if (!list) throw missing(sha256);
      const bytes = new Uint8Array(await new Response(list.body).arrayBuffer());
      for (const { parts } of parseReleaseFiles(bytes)) {
        for (const part of parts) {
          if (await content.length(tenant, part.sha256) !== part.length) throw missing(part.sha256);
          made.add(part.sha256);
        }
      }
    }
    return { release, made };
  }

  /** Stores what was verified, to be rolled out. */
  async put(
    tx: HubQueries,
    tenant: string,
    who: string,
    envelope: Uint8Array,
    { release: { sequence }, made }: VerifiedRelease,
  ): Promise<void> {
    await useContent(tx, tenant, made);
    await tx.run("INSERT INTO agent_releases VALUES (?1, ?2, ?3, ?4, ?5)", [
      tenant,
      sequence,
      textOf(envelope),
      this.#options.now(),
      who,
    ]);
  }

  /** The newest that is rolled out; none while that is halted, so that nobody else becomes it. */
  async offered(tenant: string): Promise<OfferedRelease | undefined> {
    const { database } = this.#options;
    const row = await database.get<{ id: string; state: string; number: number; envelope: string }>(
      `SELECT rollouts.id, state, number, envelope
       FROM rollouts JOIN agent_releases
         ON agent_releases.tenant = rollouts.tenant AND number = release_number
       WHERE rollouts.tenant = ?1 ORDER BY number DESC LIMIT 1`,
      [tenant],
    );
    if (!row || row.state === "halted") return undefined;
    const { number, envelope } = row;
    if (row.state === "done") return { number, envelope, reached: "everybody" };
    return { number, envelope, reached: new Set(await reachedAgents(database, tenant, row.id)) };
  }

  /** Releases, newest first. */
  async list(tenant: string, query: PageOptions = {}): Promise<Page<ListedRelease>> {
    const limit = limitOf(query);
    const rows = await this.#options.database.all<
      { envelope: string } & Omit<ListedRelease, keyof Release>
    >(
      `SELECT envelope, stored, stored_by AS "storedBy", rollouts.id AS rollout, state
       FROM agent_releases JOIN rollouts
         ON rollouts.tenant = agent_releases.tenant AND release_number = number
       WHERE agent_releases.tenant = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3`,
      [tenant, numberAfter(query, Number.MAX_SAFE_INTEGER), limit + 1],
    );
    const releases = rows.map(({ envelope, ...row }) => {
      const { payload } = openEnvelope("release", bytesOf(envelope));
      const { fleet: _, targets: __, ...words } = parseDocument("release", payload);
      return { ...words, ...row };
    });
    return pageOf(releases, limit, ({ sequence }) => String(sequence));
  }

  /** The newest release; `undefined` when there is none. */
  async newest(tenant: string): Promise<ListedRelease | undefined> {
    return (await this.list(tenant, { limit: 1 })).items[0];
  }

  /** Who does not run the newest release; nobody when there is none. */
  async behind(tenant: string, query: PageOptions = {}): Promise<Page<AgentBehind>> {
    const newest = await this.newest(tenant);
    if (!newest) return { items: [], next: null };
    return await agentsBehind(this.#options.database, tenant, newest, query);
  }

  /** The newest release that an agent did not become, and why; `undefined` when it runs a newer. */
  async failureOf(tenant: string, agent: KeyId): Promise<FailedRelease | undefined> {
    return await this.#options.database.get<FailedRelease>(
      `SELECT release_number AS number, failed AS code, rollouts.id AS rollout
       FROM rollout_agents AS members JOIN rollouts
         ON rollouts.tenant = members.tenant AND rollouts.id = members.rollout
       JOIN agents ON agents.tenant = members.tenant AND agents.id = members.agent
       WHERE members.tenant = ?1 AND members.agent = ?2 AND failed IS NOT NULL
         AND release_number > coalesce(running_release, 0)
       ORDER BY release_number DESC LIMIT 1`,
      [tenant, agent],
    );
  }

  /** An agent says that it did not become a release. */
  async refused(tenant: string, agent: KeyId, number: number, code: string): Promise<void> {
    await this.#options.database.run(
      `UPDATE rollout_agents SET failed = ?4
       WHERE tenant = ?1 AND agent = ?2 AND failed IS NULL AND rollout IN (
         SELECT id FROM rollouts WHERE tenant = ?1 AND release_number = ?3)`,
      [tenant, agent, number, code],
    );
  }
}

function missing(digest: string): HubError {
  return new HubError("attachment_missing", `Cannot take the release without its part ${digest}`);
}
