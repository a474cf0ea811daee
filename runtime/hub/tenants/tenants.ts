import { type Digest, isName } from "../../core/documents/common.ts";
import { digestOf } from "../../core/digest.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { verifyRootChain } from "../../core/verification/root_chain.ts";
import type { HubAudit } from "../audit/hub_audit.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import { HubError, notFound } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";
import { putDocument } from "../lists/carried_documents.ts";

/** One customer of the hub: a fleet of its own, with agents, users and orders nobody else sees. */
export interface Tenant {
  /** In addresses and files. */
  readonly id: string;
  /** As its root says. */
  readonly fleet: string;
  /** The first root that the hub was given; what its agents pin may be a later one. */
  readonly root: Digest;
  readonly created: number;
  readonly maxAgents: number;
  /** Deliveries that are not over. */
  readonly maxQueued: number;
  /** What is kept of files that runs left, and how much may be. */
  readonly artefactBytes: number;
  readonly maxArtefactBytes: number;
}

/** How much of something a tenant may have. */
export interface TenantQuotas {
  maxAgents?: number | undefined;
  maxQueued?: number | undefined;
  maxArtefactBytes?: number | undefined;
}

/** What a tenant is made from. */
export interface TenantRequest extends TenantQuotas {
  id: string;
  /** The chain of roots, the first one first. */
  roots: readonly Uint8Array[];
}

const COLUMNS = `id, fleet, root, created, max_agents AS "maxAgents", max_queued AS "maxQueued",
  artefact_bytes AS "artefactBytes", max_artefact_bytes AS "maxArtefactBytes"`;

/** The tenants of the hub. */
export class Tenants {
  readonly #database: HubDatabase;
  readonly #audit: HubAudit;
  readonly #now: () => number;

  constructor(options: { database: HubDatabase; audit: HubAudit; now(): number }) {
    this.#database = options.database;
    this.#audit = options.audit;
    this.#now = options.now;
  }

  /**
   * Takes in a fleet by its chain of roots. Whose roots they are is for whoever runs the hub to
   * know; agents believe the one that their token pins.
   *
   * @throws {HubError} bad_request – the name is none, or there is no root
   * @throws {HubError} conflict – there is a tenant of that name
   * @throws {VerificationError} – as `verifyRootChain()`
   */
  async create(who: string, request: TenantRequest): Promise<Tenant> {
    const { id, roots, maxAgents = HUB_LIMITS.AGENTS } = request;
    const { maxQueued = HUB_LIMITS.OPEN_DELIVERIES } = request;
    const { maxArtefactBytes = HUB_LIMITS.ARTEFACTS_OF_TENANT_BYTES } = request;
    const [first] = roots;
    if (!isName(id)) throw new HubError("bad_request", `Cannot name a tenant "${id}"`);
    if (!first) throw new HubError("bad_request", "Cannot take in a fleet without its root");
    const created = this.#now();
    const pinned = digestOf(openEnvelope("root", first).payload);
    const { root } = verifyRootChain({ digest: pinned }, roots, created);
    await this.#database.transaction(async (tx) => {
      const made = await tx.run(
        `INSERT INTO tenants
           (id, fleet, root, created, max_agents, max_queued, max_artefact_bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING`,
        [id, root.fleet, pinned, created, maxAgents, maxQueued, maxArtefactBytes],
      );
      if (made === 0) throw new HubError("conflict", `Cannot make a second tenant "${id}"`);
      for (const envelope of roots) {
        const { payload } = openEnvelope("root", envelope);
        const { epoch, version } = parseDocument("root", payload);
        const digest = digestOf(payload);
        const stored = { epoch, version, digest, envelope, stored: created, storedBy: who };
        await putDocument(tx, id, "root", stored);
      }
      const detail = { fleet: root.fleet, root: pinned };
      await this.#audit.append(tx, id, { who, action: "tenant_made", subject: id, detail });
    });
    return await this.get(id);
  }

  /**
   * Gives a tenant other quotas. What it has beyond them stays.
   *
   * @throws {HubError} not_found
   */
  async change(who: string, id: string, quotas: TenantQuotas): Promise<Tenant> {
    const { maxAgents = null, maxQueued = null, maxArtefactBytes = null } = quotas;
    if (maxAgents === null && maxQueued === null && maxArtefactBytes === null) {
      throw new HubError("bad_request", "Cannot change a tenant as no quota is named");
    }
    await this.#database.transaction(async (tx) => {
      const changed = await tx.run(
        `UPDATE tenants SET max_agents = coalesce(?2, max_agents),
           max_queued = coalesce(?3, max_queued),
           max_artefact_bytes = coalesce(?4, max_artefact_bytes) WHERE id = ?1`,
        [id, maxAgents, maxQueued, maxArtefactBytes],
      );
      if (changed === 0) throw notFound("a tenant", id);
      const entry = { who, action: "tenant_changed", subject: id, detail: { ...quotas } };
      await this.#audit.append(tx, id, entry);
    });
    return await this.get(id);
  }

  /** @throws {HubError} not_found */
  async get(tenant: string): Promise<Tenant> {
    const sql = `SELECT ${COLUMNS} FROM tenants WHERE id = ?1`;
    const row = await this.#database.get<Tenant>(sql, [tenant]);
    if (!row) throw notFound("a tenant", tenant);
    return row;
  }

  /** All of them: for the hub itself, and for nobody who asks it. */
  async list(): Promise<Tenant[]> {
    return await this.#database.all<Tenant>(`SELECT ${COLUMNS} FROM tenants ORDER BY id`);
  }
}
