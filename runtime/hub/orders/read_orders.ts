import type { HubQueries } from "../database/hub_database.ts";
import { inList } from "../database/in_list.ts";
import { notFound } from "../errors.ts";
import {
  fittingLimit,
  limitOf,
  type Page,
  pageOf,
  type PageOptions,
  placeAfter,
  placeOf,
} from "../page.ts";
import { DELIVERY_STATES, type DeliveryState, type HubOrder } from "./order_record.ts";

/** An order as the database has it. */
export interface OrderRow extends Omit<HubOrder, "selection" | "schedule" | "counts" | "outcomes"> {
  readonly selection: string;
  readonly schedule: string | null;
}

export const ORDER_COLUMNS = `id, script, version, orderer, who, selection, created, expires,
  schedule, due, cancelled`;

/** @throws {HubError} not_found */
export async function orderRow(from: HubQueries, tenant: string, id: string): Promise<OrderRow> {
  const row = await from.get<OrderRow>(
    `SELECT ${ORDER_COLUMNS} FROM orders WHERE tenant = ?1 AND id = ?2`,
    [tenant, id],
  );
  if (!row) throw notFound("an order", id);
  return row;
}

/** Which orders are wanted. */
export interface OrderQuery extends PageOptions {
  script?: string | undefined;
  /** Those that are due later, or again. */
  only?: "scheduled" | undefined;
}

const SCHEDULED = " AND schedule IS NOT NULL AND cancelled IS NULL AND expires > ?6";

/** Newest first. */
export async function readOrders(
  from: HubQueries,
  tenant: string,
  query: OrderQuery,
  now: number,
): Promise<Page<OrderRow>> {
  const limit = limitOf(query);
  const [created, id] = placeAfter(query);
  const found = `FROM orders
     WHERE tenant = ?1 AND (created < ?2 OR (created = ?2 AND id < ?3))
       AND (CAST(?4 AS TEXT) IS NULL OR script = ?4)${query.only ? SCHEDULED : ""}
     ORDER BY created DESC, id DESC LIMIT ?5`;
  const upTo = (most: number) => [
    ...[tenant, created, id, query.script ?? null, most],
    ...(query.only ? [now] : []),
  ];
  const sizes = await from.all<{ size: number }>(
    `SELECT length(selection) AS size ${found}`,
    upTo(limit),
  );
  const fitting = fittingLimit(sizes, limit);
  const rows = await from.all<OrderRow>(
    `SELECT ${ORDER_COLUMNS} ${found}`,
    upTo(fitting + 1),
  );
  return pageOf(rows, fitting, placeOf);
}

/** Completes orders with how far they are. */
export async function withCounts(
  from: HubQueries,
  tenant: string,
  rows: readonly OrderRow[],
): Promise<HubOrder[]> {
  if (rows.length === 0) return [];
  const { places, values } = inList(rows.map(({ id }) => id), 2);
  const counts = await from.all<Count>(
    `SELECT order_id AS "order", state, outcome_kind AS outcome, count(*) AS count
     FROM deliveries WHERE tenant = ?1 AND order_id IN (${places}) GROUP BY 1, 2, 3`,
    [tenant, ...values],
  );
  return rows.map((row) => {
    const own = counts.filter(({ order }) => order === row.id);
    return {
      ...row,
      selection: JSON.parse(row.selection),
      schedule: row.schedule === null ? null : JSON.parse(row.schedule),
      counts: statesOf(own),
      outcomes: outcomesOf(own),
    };
  });
}

interface Count {
  order: string;
  state: DeliveryState;
  outcome: string | null;
  count: number;
}

function statesOf(counts: readonly Count[]): HubOrder["counts"] {
  const sums = DELIVERY_STATES.map((state): [DeliveryState, number] => [
    state,
    counts.reduce((sum, one) => one.state === state ? sum + one.count : sum, 0),
  ]);
  return Object.fromEntries(sums) as Record<DeliveryState, number>;
}

function outcomesOf(counts: readonly Count[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { outcome, count } of counts) {
    if (outcome !== null) sums[outcome] = (sums[outcome] ?? 0) + count;
  }
  return sums;
}
