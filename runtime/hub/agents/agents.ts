import { isName, type KeyId } from "../../core/documents/common.ts";
import { replaceUnprintable } from "../../core/printable.ts";
import type { HubAudit } from "../audit/hub_audit.ts";
import type { HubDatabase, HubQueries, SqlValue } from "../database/hub_database.ts";
import { lockTenant } from "../database/lock_tenant.ts";
import { HubError } from "../errors.ts";
import type { HubEvents } from "../events/hub_events.ts";
import { HUB_LIMITS } from "../limits.ts";
import { closeDeliveriesOf } from "../orders/deliveries.ts";
import { limitOf, type Page, pageOf, type PageOptions } from "../page.ts";
import {
  AGENT_COLUMNS,
  type AgentDetail,
  type AgentRow,
  type AgentSummary,
  type Fact,
  type Presence,
  presenceOf,
  type Standing,
} from "./agent_record.ts";
import { type FleetCounts, fleetCounts } from "./fleet_counts.ts";
import { rowOf } from "./agent_row.ts";
import { labelsOf, putLabels } from "./labels.ts";
import { lookalikesOf } from "./lookalikes.ts";
import { putInPlace, type Readdress, replacedBy } from "./take_place.ts";

/** Which agents are wanted. */
export interface AgentQuery extends PageOptions {
  standing?: Standing | undefined;
  presence?: Presence["state"] | undefined;
  /** Of either kind. */
  label?: string | undefined;
  /** Of Writ and of Deno, as the agent says. */
  version?: string | undefined;
  deno?: string | undefined;
  /** Part of a name, or the beginning of an id. */
  search?: string | undefined;
}

/** What {@linkcode Agents} work with. */
export interface AgentsOptions {
  database: HubDatabase;
  audit: HubAudit;
  events: HubEvents;
  now(): number;
  /** Called when an agent's standing is another one. */
  standingChanged(tenant: string, id: KeyId): void;
  readdress: Readdress;
}

/** How an agent is taken into the fleet. */
export interface Approval {
  /** At the hub, instead of any other. */
  labels?: readonly string[] | undefined;
  /** The agent whose place it takes: name, labels, orders that wait. */
  replaces?: KeyId | undefined;
}

/** The agents of each tenant, as the hub knows them. */
export class Agents {
  readonly #options: AgentsOptions;

  constructor(options: AgentsOptions) {
    this.#options = options;
  }

  /** By id, so that a page stays the same while agents come and go. */
  async list(tenant: string, query: AgentQuery = {}): Promise<Page<AgentSummary>> {
    const { database, now } = this.#options;
    const limit = limitOf(query);
    const { text, values } = conditions(tenant, query, now());
    const rows = await database.all<AgentRow>(
      `SELECT ${AGENT_COLUMNS} FROM agents WHERE ${text} ORDER BY id
       LIMIT ?${values.length + 1}`,
      [...values, limit + 1],
    );
    const page = pageOf(rows, limit, (row) => row.id);
    const known = await knownOf(database, tenant, page.items);
    return { next: page.next, items: page.items.map((row) => summaryOf(row, known, now())) };
  }

  /** @throws {HubError} not_found */
  async get(tenant: string, id: string): Promise<AgentDetail> {
    const { database, now } = this.#options;
    const row = await rowOf(database, tenant, id);
    const known = await knownOf(database, tenant, [row]);
    const facts = await database.all<Omit<Fact, "value"> & { value: string }>(
      `SELECT name, value, at, NULLIF(script, '') AS script FROM facts
       WHERE tenant = ?1 AND agent = ?2 ORDER BY facts.script, name`,
      [tenant, id],
    );
    const { key, approvedBy, revokedFor, replaces, replacedBy } = row;
    return {
      ...summaryOf(row, known, now()),
      ...{ key, approvedBy, revokedFor, replaces, replacedBy },
      facts: facts.map((fact) => ({ ...fact, value: JSON.parse(fact.value) })),
    };
  }

  /** The approved agents of this very name; more than one may have it. */
  async called(tenant: string, name: string): Promise<KeyId[]> {
    const rows = await this.#options.database.all<{ id: KeyId }>(
      `SELECT id FROM agents WHERE tenant = ?1 AND name = ?2 AND standing = 'approved' ORDER BY id`,
      [tenant, name],
    );
    return rows.map(({ id }) => id);
  }

  /** How those of these are called that are agents. */
  async names(tenant: string, ids: Iterable<string>): Promise<Map<string, string>> {
    const names = new Map<string, string>();
    for (const id of new Set(ids)) {
      const row = await this.#options.database.get<{ name: string }>(
        "SELECT name FROM agents WHERE tenant = ?1 AND id = ?2",
        [tenant, id],
      );
      if (row) names.set(id, row.name);
    }
    return names;
  }

  /** How many there are, and of which kinds. */
  async overview(tenant: string): Promise<FleetCounts> {
    return await fleetCounts(this.#options.database, tenant, this.#options.now());
  }

  /**
   * Takes an agent that waits into the fleet; in the place of another, that one is revoked.
   *
   * @throws {HubError} not_found
   * @throws {HubError} conflict – it was revoked, or cannot take that place
   */
  async approve(
    tenant: string,
    who: string,
    id: string,
    { labels, replaces }: Approval = {},
  ): Promise<void> {
    const { audit, readdress, standingChanged } = this.#options;
    await this.#change(tenant, who, "agent_approved", id, async (tx, row) => {
      if (row.standing === "revoked") {
        throw new HubError("conflict", `Cannot approve ${id} as it was revoked: enrol it again`);
      }
      if (replaces !== undefined) {
        await putInPlace(tx, tenant, row.id, replaces, readdress);
        await audit.append(tx, tenant, replacedBy(who, replaces, row.id));
      }
      await tx.run(
        `UPDATE agents SET standing = 'approved', approved_by = ?3
         WHERE tenant = ?1 AND id = ?2 AND standing = 'pending'`,
        [tenant, id, who],
      );
      if (labels) await putLabels(tx, tenant, row.id, requireLabels(labels));
      return { ...(labels && { labels }), ...(replaces && { replaces }) };
    });
    standingChanged(tenant, id as KeyId);
    if (replaces !== undefined) standingChanged(tenant, replaces);
  }

  /**
   * Ends an agent's part in the fleet, as far as the hub goes: its connection is cut, what waits
   * for it is cancelled. Its labels in the signed list are for the `accept` keys to take away.
   *
   * @throws {HubError} not_found
   */
  async revoke(tenant: string, who: string, id: string, reason: string): Promise<void> {
    const text = reason.slice(0, 500);
    await this.#change(tenant, who, "agent_revoked", id, async (tx) => {
      await tx.run(
        `UPDATE agents SET standing = 'revoked', revoked_for = ?3 WHERE tenant = ?1 AND id = ?2`,
        [tenant, id, text],
      );
      await closeDeliveriesOf(tx, tenant, id as KeyId, "agent_revoked", this.#options.now());
      return { reason: text };
    });
    this.#options.standingChanged(tenant, id as KeyId);
  }

  /** @throws {HubError} not_found, bad_request */
  async setLabels(
    tenant: string,
    who: string,
    id: string,
    labels: readonly string[],
  ): Promise<void> {
    const wanted = requireLabels(labels);
    await this.#change(tenant, who, "agent_labelled", id, async (tx, row) => {
      await putLabels(tx, tenant, row.id, wanted);
      return { labels: wanted };
    });
  }

  /** @throws {HubError} not_found, bad_request */
  async rename(tenant: string, who: string, id: string, name: string): Promise<void> {
    const shown = shownName(name);
    if (shown === "") throw new HubError("bad_request", "Cannot give an agent an empty name");
    await this.#change(tenant, who, "agent_renamed", id, async (tx) => {
      await tx.run("UPDATE agents SET name = ?3, named = ?4 WHERE tenant = ?1 AND id = ?2", [
        ...[tenant, id, shown, shown.toLowerCase()],
      ]);
      return { name: shown };
    });
  }

  async #change(
    tenant: string,
    who: string,
    action: string,
    id: string,
    work: (tx: HubQueries, row: AgentRow) => Promise<Record<string, unknown> | undefined>,
  ): Promise<void> {
    const { database, audit, events } = this.#options;
    await database.transaction(async (tx) => {
      // Two changes at once would both begin from what the row was before.
      await lockTenant(tx, tenant);
      const detail = await work(tx, await rowOf(tx, tenant, id));
      await audit.append(tx, tenant, { who, action, subject: id, detail });
    });
    events.tell(tenant, { type: "agent", id: id as KeyId });
  }
}

/** A name that an agent or an admin gave, without what could disturb a page or a terminal. */
export function shownName(text: string): string {
  const shown = replaceUnprintable(text, () => "").trim();
  // A person who names an agent by the beginning of its id must not get another one.
  return shown.replace(/^(writ-key:\s*)+/, "").slice(0, 64);
}

function summaryOf(
  row: AgentRow,
  { labels, lookalikes }: Awaited<ReturnType<typeof knownOf>>,
  now: number,
): AgentSummary {
  const { id, name, standing, version, deno, release, policy, list, level, enrolled } = row;
  const { hub, list: signed } = labels.get(id) ?? { hub: [], list: [] };
  return {
    ...{ id, name, standing, version, deno, release, policy, list, level, enrolled },
    labels: hub,
    signedLabels: signed,
    presence: presenceOf(row, now),
    lastSeen: row.lastSeen,
    warning: row.warning,
    looksLike: lookalikes.get(id) ?? null,
  };
}

/** What other tables say of agents. */
async function knownOf(from: HubQueries, tenant: string, rows: readonly AgentRow[]) {
  const labels = await labelsOf(from, tenant, rows.map(({ id }) => id));
  return { labels, lookalikes: await lookalikesOf(from, tenant, rows) };
}

function requireLabels(labels: readonly string[]): string[] {
  const wanted = [...new Set(labels)];
  if (wanted.length <= HUB_LIMITS.LABELS && wanted.every(isName)) return wanted;
  throw new HubError(
    "bad_request",
    `Cannot label an agent as labels are at most ${HUB_LIMITS.LABELS} words of a-z, 0-9 and -`,
  );
}

function conditions(tenant: string, query: AgentQuery, now: number) {
  const values: SqlValue[] = [tenant];
  const parts = ["tenant = ?1"];
  const put = (value: SqlValue) => `?${values.push(value)}`;
  const { standing, presence, label, version, deno, search, after } = query;
  if (after !== undefined) parts.push(`id > ${put(after)}`);
  if (version !== undefined) parts.push(`version = ${put(version)}`);
  if (deno !== undefined) parts.push(`deno = ${put(deno)}`);
  if (standing !== undefined) parts.push(`standing = ${put(standing)}`);
  if (presence === "never") parts.push("link IS NULL AND link_since IS NULL");
  if (presence === "offline") parts.push("link IS NULL AND link_since IS NOT NULL");
  const heard = () => `coalesce(last_seen, link_since, 0) >= ${put(now - HUB_LIMITS.LATE_MS)}`;
  if (presence === "online") parts.push(`link IS NOT NULL AND ${heard()}`);
  if (presence === "late") parts.push(`link IS NOT NULL AND NOT ${heard()}`);
  if (label !== undefined) {
    parts.push(`EXISTS (SELECT 1 FROM agent_labels l WHERE l.tenant = agents.tenant
      AND l.agent = agents.id AND l.label = ${put(label)})`);
  }
  if (search !== undefined && search !== "") {
    const text = search.toLowerCase().replace(/[\\%_]/g, "\\$&");
    const name = put(`%${text}%`);
    const id = put(`${search.replace(/[\\%_]/g, "\\$&")}%`);
    parts.push(
      `(coalesce(named, lower(name)) LIKE ${name} ESCAPE '\\' OR id LIKE ${id} ESCAPE '\\')`,
    );
  }
  return { text: parts.join(" AND "), values };
}
