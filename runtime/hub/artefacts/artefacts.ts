import type { KeyId } from "../../core/documents/common.ts";
import type { HubDatabase, HubQueries, SqlValue } from "../database/hub_database.ts";
import { lockTenant } from "../database/lock_tenant.ts";
import { HubError, notFound } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";
import { limitOf, type Page, pageOf, type PageOptions } from "../page.ts";
import { orderRow } from "../orders/read_orders.ts";
import type { ArtefactPart, ArtefactRefusal } from "./artefact_part.ts";

const NOTHING = new Uint8Array();

/** A file that a run left at the hub. */
export interface Artefact {
  readonly agent: KeyId;
  readonly agentName: string;
  readonly run: number;
  readonly name: string;
  readonly bytes: number;
  /** Whether all of its parts are here; others may still come. */
  readonly isWhole: boolean;
  /** Why a part of it is not kept, and so never will be. */
  readonly refused: ArtefactRefusal | null;
  /** By the agent's clock, milliseconds since the epoch. */
  readonly at: number;
}

/** Which file of an order is meant. */
export interface ArtefactName {
  readonly agent: string;
  readonly run: number;
  readonly name: string;
}

/** What runs left at the hub. It goes with its order. */
export class Artefacts {
  readonly #database: HubDatabase;

  constructor({ database }: { database: HubDatabase }) {
    this.#database = database;
  }

  /** By agent, run and name. @throws {HubError} not_found – there is no such order */
  async list(tenant: string, order: string, query: PageOptions = {}): Promise<Page<Artefact>> {
    const limit = limitOf(query);
    const { agent, run, name } = placeOf(query.after);
    await orderRow(this.#database, tenant, order);
    const rows = await this.#database.all<Omit<Artefact, "isWhole"> & { missing: number }>(
      `SELECT f.agent, a.name AS "agentName", f.run, f.name, sum(f.length) AS bytes,
         max(f.parts) - count(*) + max(f.parts) - min(f.parts) AS missing, max(f.at) AS at,
         max(f.refused) AS refused
       FROM artefacts f JOIN agents a ON a.tenant = f.tenant AND a.id = f.agent
       WHERE f.tenant = ?1 AND f.order_id = ?2
         AND (f.agent > ?3 OR (f.agent = ?3 AND (f.run > ?4 OR (f.run = ?4 AND f.name > ?5))))
       GROUP BY f.agent, a.name, f.run, f.name ORDER BY f.agent, f.run, f.name LIMIT ?6`,
      [tenant, order, agent, run, name, limit + 1],
    );
    const page = pageOf(rows, limit, (row) => `${row.agent}.${row.run}.${row.name}`);
    const items = page.items.map(({ missing, bytes, ...row }) => ({
      ...row,
      bytes: Number(bytes),
      isWhole: Number(missing) === 0 && row.refused === null,
    }));
    return { ...page, items };
  }

  /** The bytes of a file. @throws {HubError} not_found – it is not there, or not all of it */
  async read(tenant: string, order: string, { agent, run, name }: ArtefactName) {
    const rows = await this.#database.all<{ bytes: Uint8Array<ArrayBuffer>; parts: number }>(
      `SELECT bytes, parts FROM artefacts WHERE refused IS NULL
         AND tenant = ?1 AND order_id = ?2 AND agent = ?3 AND run = ?4 AND name = ?5 ORDER BY part`,
      [tenant, order, agent, run, name],
    );
    if (rows.length === 0 || rows.some(({ parts }) => parts !== rows.length)) {
      throw notFound("a whole artefact", name);
    }
    return new Blob(rows.map(({ bytes }) => bytes));
  }
}

/**
 * Keeps a part, as far as the agent has room for it in the order, and the tenant altogether.
 *
 * @returns why it is not kept; that there was such a part is.
 */
export async function keepArtefact(
  tx: HubQueries,
  tenant: string,
  order: string,
  from: { agent: KeyId; run: number; time: number },
  { name, part, parts, bytes }: ArtefactPart,
): Promise<ArtefactRefusal | undefined> {
  const { agent, run, time } = from;
  // An agent that tells again of a part takes no more room.
  const before = await tx.get<{ refused: ArtefactRefusal | null }>(
    `SELECT refused FROM artefacts WHERE tenant = ?1 AND order_id = ?2 AND agent = ?3
       AND run = ?4 AND name = ?5 AND part = ?6`,
    [tenant, order, agent, run, name, part],
  );
  if (before) return before.refused ?? undefined;
  const row = await tx.get<{ held: number | null }>(
    `SELECT sum(length) AS held FROM artefacts
     WHERE tenant = ?1 AND order_id = ?2 AND agent = ?3`,
    [tenant, order, agent],
  );
  const isOrderFull = Number(row?.held ?? 0) + bytes.length > HUB_LIMITS.ARTEFACT_BYTES;
  const refused = isOrderFull
    ? "order_full"
    : await takeRoom(tx, tenant, bytes.length)
    ? undefined
    : "tenant_full";
  const kept = refused ? NOTHING : bytes;
  const made = await insertPart(tx, [
    ...[tenant, order, agent, run, name, part, parts, kept.length, time, kept, refused ?? null],
  ]);
  // Another hub, which still holds an earlier connection of the agent, kept it at the same time.
  if (made === 0) await giveRoom(tx, tenant, kept.length);
  return refused;
}

/** Writes down that a part is not kept, unless it is there. */
export async function refuseArtefact(
  tx: HubQueries,
  tenant: string,
  order: string,
  { agent, run, time }: { agent: KeyId; run: number; time: number },
  { name, part, parts }: Omit<ArtefactPart, "bytes">,
  refused: ArtefactRefusal,
): Promise<void> {
  await insertPart(tx, [tenant, order, agent, run, name, part, parts, 0, time, NOTHING, refused]);
}

/** Why a file that an agent tells of again is not kept whole, if it is not. */
export async function refusalOf(
  tx: HubQueries,
  tenant: string,
  order: string,
  { agent, run, name }: { agent: KeyId; run: number; name: string },
): Promise<ArtefactRefusal | undefined> {
  const row = await tx.get<{ refused: ArtefactRefusal }>(
    `SELECT refused FROM artefacts WHERE tenant = ?1 AND order_id = ?2 AND agent = ?3
       AND run = ?4 AND name = ?5 AND refused IS NOT NULL LIMIT 1`,
    [tenant, order, agent, run, name],
  );
  return row?.refused;
}

/** Removes what the runs of an order left. */
export async function removeArtefacts(
  tx: HubQueries,
  tenant: string,
  order: string,
): Promise<void> {
  // Of two hubs that remove the same at once one gives back the room for it.
  await lockTenant(tx, tenant);
  const row = await tx.get<{ held: number | null }>(
    "SELECT sum(length) AS held FROM artefacts WHERE tenant = ?1 AND order_id = ?2",
    [tenant, order],
  );
  if (row?.held) await giveRoom(tx, tenant, Number(row.held));
  await tx.run("DELETE FROM artefacts WHERE tenant = ?1 AND order_id = ?2", [tenant, order]);
}

/** @returns how many were not there: one or none. */
async function insertPart(tx: HubQueries, values: SqlValue[]): Promise<number> {
  return await tx.run(
    `INSERT INTO artefacts
       (tenant, order_id, agent, run, name, part, parts, length, at, bytes, refused)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
     ON CONFLICT (tenant, order_id, agent, run, name, part) DO NOTHING`,
    values,
  );
}

/** One statement, so that those who take room at once do not take the same. */
async function takeRoom(tx: HubQueries, tenant: string, bytes: number): Promise<boolean> {
  const taken = await tx.run(
    `UPDATE tenants SET artefact_bytes = artefact_bytes + ?2
     WHERE id = ?1 AND artefact_bytes + ?2 <= max_artefact_bytes`,
    [tenant, bytes],
  );
  return taken > 0;
}

async function giveRoom(tx: HubQueries, tenant: string, bytes: number): Promise<void> {
  await tx.run("UPDATE tenants SET artefact_bytes = artefact_bytes - ?2 WHERE id = ?1", [
    tenant,
    bytes,
  ]);
}

function placeOf(after: string | undefined): ArtefactName {
  if (after === undefined) return { agent: "", run: 0, name: "" };
  const match = /^(writ-key:[\w-]{43})\.(\d{1,15})\.(.{1,100})$/.exec(after);
  if (match) return { agent: match[1]!, run: Number(match[2]), name: match[3]! };
  throw new HubError("bad_request", "Cannot find the page as its name was not given out here");
}
