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
}

/** What a tenant is made from. */
export interface TenantRequest {
  id: string;
  /** The chain of roots, the first one first. */
  roots: readonly Uint8Array[];
  maxAgents?: number | undefined;
  maxQueued?: number | undefined;
}

const COLUMNS = `id, fleet, root, created, max_agents AS "maxAgents", max_queued AS "maxQueued"`;

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
    const [first] = roots;
    if (!isName(id)) throw new HubError("bad_request", `Cannot name a tenant "${id}"`);
    if (!first) throw new HubError("bad_request", "Cannot take in a fleet without its root");
    const created = this.#now();
    const pinned = digestOf(openEnvelope("root", first).payload);
    const { root } = verifyRootChain({ digest: pinned }, roots, created);
    await this.#database.transaction(async (tx) => {
      const made = await tx.run(
        "INSERT INTO tenants VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO NOTHING",
        [id, root.fleet, pinned, created, maxAgents, maxQueued],
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
    return { id, fleet: root.fleet, root: pinned, created, maxAgents, maxQueued };
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
