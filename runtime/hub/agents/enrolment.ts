import type { Digest, KeyId } from "../../core/documents/common.ts";
import { keyId } from "../../core/key.ts";
import { formatEnrolToken } from "../../agent/hub_link/enrol_token.ts";
import type { Enrolled, EnrolRequest } from "../../agent/hub_link/wire.ts";
import { hashOf, makeId, makeSecret } from "../access/secret.ts";
import type { HubAudit } from "../audit/hub_audit.ts";
import type { HubDatabase, HubQueries } from "../database/hub_database.ts";
import { lockTenant, requireRoomFor } from "../database/lock_tenant.ts";
import { HubError, notFound } from "../errors.ts";
import type { HubEvents } from "../events/hub_events.ts";
import { HUB_LIMITS } from "../limits.ts";
import { newestDocument } from "../lists/carried_documents.ts";
import { limitOf, type Page, pageOf, type PageOptions, placeAfter, placeOf } from "../page.ts";
import { rowOf } from "./agent_row.ts";
import { shownName } from "./agents.ts";
import { putLabels } from "./labels.ts";
import { lookalikesOf } from "./lookalikes.ts";
import { putInPlace, type Readdress, replacedBy, requireReplaceable } from "./take_place.ts";

/** A token for enrolling, as it is shown. */
export interface EnrolTokenRecord {
  readonly id: string;
  /** The agent that uses it needs no approval. */
  readonly approved: boolean;
  readonly labels: readonly string[];
  /** The agent whose place the next one takes: its labels, its name, the orders that wait for it. */
  readonly replaces: KeyId | null;
  readonly created: number;
  readonly createdBy: string;
  readonly expires: number;
  readonly usedBy: KeyId | null;
  readonly usedAt: number | null;
  readonly revoked: boolean;
}

/** What a token is made from. */
export interface EnrolTokenRequest {
  expiresMs: number;
  approved?: boolean | undefined;
  labels?: readonly string[] | undefined;
  replaces?: KeyId | undefined;
}

/** What {@linkcode Enrolment} works with. */
export interface EnrolmentOptions {
  database: HubDatabase;
  audit: HubAudit;
  events: HubEvents;
  now(): number;
  /** The hub's own key, which agents make sure of. */
  hub: KeyId;
  readdress: Readdress;
  standingChanged(tenant: string, id: KeyId): void;
}

type Row = Omit<EnrolTokenRecord, "approved" | "labels" | "revoked"> & {
  approved: number;
  labels: string;
  revoked: number;
};

const COLUMNS = `id, approved, labels, replaces, created, created_by AS "createdBy", expires,
  used_by AS "usedBy", used_at AS "usedAt", revoked`;

/** How machines become agents of a fleet. */
export class Enrolment {
  readonly #options: EnrolmentOptions;

  constructor(options: EnrolmentOptions) {
    this.#options = options;
  }

  /**
   * Makes a token for one machine. Its text is in the answer and nowhere else.
   *
   * @throws {HubError} bad_request – it would be good for ever, or longer than it may
   * @throws {HubError} not_found – there is no agent in whose place the next one could step
   * @throws {HubError} quota – the tenant has as many tokens as it may
   */
  async create(
    tenant: string,
    who: string,
    request: EnrolTokenRequest,
  ): Promise<EnrolTokenRecord & { token: string }> {
    const { database, audit, now, hub } = this.#options;
    const { expiresMs, approved = false, labels = [], replaces = null } = request;
    if (replaces !== null && !approved) {
      const found = "Cannot let a machine that nobody has approved take another's place";
      throw new HubError("bad_request", `${found}: approve the token, or later the machine`);
    }
    if (!(expiresMs > 0 && expiresMs <= HUB_LIMITS.ENROL_TOKEN_MS)) {
      throw new HubError("bad_request", "Cannot make a token that is good for so long");
    }
    const created = now();
    const made = {
      ...{ id: makeId(), approved, labels, replaces, created, createdBy: who },
      expires: created + expiresMs,
    };
    const secret = makeSecret();
    const root = await database.transaction(async (tx) => {
      await lockTenant(tx, tenant);
      await requireRoomFor(tx, tenant, "enrol_tokens", HUB_LIMITS.ENROL_TOKENS);
      if (replaces !== null) await requireReplaceable(tx, tenant, replaces, created);
      await tx.run(
        `INSERT INTO enrol_tokens VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL, NULL, 0, 0)`,
        [
          ...[tenant, made.id, hashOf(secret), approved ? 1 : 0, labels.join(" "), replaces],
          ...[created, who, made.expires],
        ],
      );
      const detail = { approved, labels, replaces, expires: made.expires };
      await audit.append(tx, tenant, {
        who,
        action: "enrol_token_made",
        subject: made.id,
        detail,
      });
      return (await newestDocument(tx, tenant, "root"))!.digest;
    });
    const token = formatEnrolToken({ tenant, root, hub, secret });
    return { ...made, usedBy: null, usedAt: null, revoked: false, token };
  }

  /** Newest first. */
  async list(tenant: string, query: PageOptions = {}): Promise<Page<EnrolTokenRecord>> {
    const limit = limitOf(query);
    const [created, id] = placeAfter(query);
    const rows = await this.#options.database.all<Row>(
      `SELECT ${COLUMNS} FROM enrol_tokens
       WHERE tenant = ?1 AND (created < ?2 OR (created = ?2 AND id < ?3))
       ORDER BY created DESC, id DESC LIMIT ?4`,
      [tenant, created, id, limit + 1],
    );
    const page = pageOf(rows, limit, placeOf);
    return { next: page.next, items: page.items.map(toRecord) };
  }

  /** @throws {HubError} not_found */
  async revoke(tenant: string, who: string, id: string): Promise<void> {
    const { database, audit } = this.#options;
    await database.transaction(async (tx) => {
      const sql = "UPDATE enrol_tokens SET revoked = 1 WHERE tenant = ?1 AND id = ?2";
      if (await tx.run(sql, [tenant, id]) === 0) throw notFound("a token", id);
      await audit.append(tx, tenant, { who, action: "enrol_token_revoked", subject: id });
    });
  }

  /**
   * Takes in the machine that holds a token and has proven that the key is its own. The token is
   * spent with it; the same machine may ask again, as its answer may have been lost.
   *
   * @throws {HubError} token_spent – nobody made it, its time is over, or another machine used it
   * @throws {HubError} conflict – the key belongs to an agent that was revoked, or that is known
   *   and so cannot take another's place
   * @throws {HubError} quota – the tenant has as many agents as it may
   */
  async enrol(tenant: string, request: EnrolRequest): Promise<Enrolled> {
    const { database, events, standingChanged } = this.#options;
    const id = keyId(request.key);
    const now = this.#options.now();
    const enrolled = await database.transaction(async (tx) => {
      const token = await this.#spend(tx, tenant, hashOf(request.secret), id, now);
      // Waits for who else enrols, and for who revokes it at the same time.
      await lockTenant(tx, tenant);
      const before = await tx.get<{ standing: string }>(
        "SELECT standing FROM agents WHERE tenant = ?1 AND id = ?2",
        [tenant, id],
      );
      if (before?.standing === "revoked") {
        throw new HubError("conflict", `Cannot enrol ${id} as it was revoked: it needs a new key`);
      }
      if (!before) await this.#add(tx, tenant, request, token);
      else if (token.usedAt === now) await this.#again(tx, tenant, id, token, before.standing);
      const standing = token.approved === 1 ? "approved" : before?.standing ?? "pending";
      await tx.run(
        `UPDATE agents SET standing = ?3,
           approved_by = CASE WHEN ?3 = 'approved' THEN coalesce(approved_by, ?4) END
         WHERE tenant = ?1 AND id = ?2`,
        [tenant, id, standing, token.createdBy],
      );
      const answer = { standing: standing as Enrolled["standing"], labels: labelsIn(token.labels) };
      return { answer, replaces: token.replaces };
    });
    events.tell(tenant, { type: "agent", id });
    standingChanged(tenant, id);
    if (enrolled.replaces !== null) standingChanged(tenant, enrolled.replaces);
    return enrolled.answer;
  }

  async #spend(
    tx: HubQueries,
    tenant: string,
    hash: Digest,
    id: KeyId,
    now: number,
  ): Promise<Row> {
    // One statement, so that of two machines with one token only one gets in.
    const token = await tx.get<Row>(
      `UPDATE enrol_tokens SET used_by = ?3, used_at = coalesce(used_at, ?4)
       WHERE tenant = ?1 AND hash = ?2 AND revoked = 0 AND ended = 0 AND expires > ?4
         AND (used_by IS NULL OR used_by = ?3)
       RETURNING ${COLUMNS}`,
      [tenant, hash, id, now],
    );
    if (token) return token;
    throw new HubError("token_spent", `Cannot enrol ${id} as its token is not good any more`);
  }

  /** Gives an agent that is known what another token says. */
  async #again(
    tx: HubQueries,
    tenant: string,
    id: KeyId,
    token: Row,
    standing: string,
  ): Promise<void> {
    if (token.replaces !== null) {
      throw new HubError("conflict", `Cannot let ${id} take another's place as it has one`);
    }
    const labels = labelsIn(token.labels);
    if (labels.length > 0) await putLabels(tx, tenant, id, labels);
    if (standing === "approved" || token.approved === 0) return;
    const detail = { token: token.id, labels };
    await this.#options.audit.append(tx, tenant, {
      ...{ who: token.createdBy, action: "agent_approved", subject: id, detail },
    });
  }

  async #add(tx: HubQueries, tenant: string, request: EnrolRequest, token: Row): Promise<void> {
    const { audit, now, readdress } = this.#options;
    const id = keyId(request.key);
    const name = shownName(request.name) || "unnamed";
    await requireRoom(tx, tenant, token.approved === 1);
    await tx.run(
      `INSERT INTO agents (tenant, id, public_key, name, named, called, standing, enrolled)
       VALUES (?1, ?2, ?3, ?4, ?5, ?5, 'pending', ?6)`,
      [tenant, id, request.key, name, name.toLowerCase(), now()],
    );
    await putLabels(tx, tenant, id, labelsIn(token.labels));
    const looksLike = token.approved === 1 ? undefined : (await lookalikesOf(tx, tenant, [
      await rowOf(tx, tenant, id),
    ])).get(id)?.id;
    const { key } = request;
    const detail = {
      ...{ token: token.id, key, replaces: token.replaces },
      ...(looksLike && { looksLike }),
    };
    await audit.append(tx, tenant, {
      who: `agent:${id}`,
      action: "agent_enrolled",
      subject: id,
      detail,
    });
    // What nobody approved takes nobody's place, and what was revoked since has none.
    if (token.replaces === null || token.approved === 0) return;
    await putInPlace(tx, tenant, id, token.replaces, readdress);
    await audit.append(tx, tenant, replacedBy(token.createdBy, token.replaces, id));
  }
}

async function requireRoom(tx: HubQueries, tenant: string, approved: boolean): Promise<void> {
  const row = await tx.get<{ agents: number; pending: number; most: number }>(
    `SELECT count(*) AS agents, sum(CASE WHEN standing = 'pending' THEN 1 ELSE 0 END) AS pending,
       (SELECT max_agents FROM tenants WHERE id = ?1) AS most
     FROM agents WHERE tenant = ?1 AND standing <> 'revoked'`,
    [tenant],
  );
  const { agents, pending, most } = row!;
  if (agents < most && (approved || (pending ?? 0) < HUB_LIMITS.PENDING_AGENTS)) return;
  throw new HubError("quota", `Cannot enrol one more agent as "${tenant}" has ${agents}`);
}

function labelsIn(text: string): string[] {
  return text.split(" ").filter((label) => label !== "");
}

function toRecord({ approved, labels, revoked, ...row }: Row): EnrolTokenRecord {
  return {
    ...row,
    approved: approved === 1,
    labels: labelsIn(labels),
    revoked: revoked === 1,
  };
}
