import { rowOf } from "../agents/agent_row.ts";
import type { HubQueries, SqlValue } from "../database/hub_database.ts";
import { HubError } from "../errors.ts";
import {
  fittingLimit,
  limitOf,
  type Page,
  pageOf,
  type PageOptions,
  placeAfter,
  placeOf,
} from "../page.ts";
import type { Delivery, DeliveryState, LogEntry } from "./order_record.ts";

type Row = Omit<Delivery, "outcome" | "figures"> & {
  outcome: string | null;
  figures: string | null;
};

/** Of `deliveries d`, `orders o` and `agents a`. */
const COLUMNS =
  `d.order_id AS "order", d.agent, a.name AS "agentName", o.script, d.state, d.refusal,
  d.run, d.outcome, d.figures, d.left_out AS "leftOut", d.updated`;

const OUTCOME_SIZE = "length(d.outcome) AS size";

/** How much of a row an agent wrote. */
interface Size {
  readonly size: number | null;
}

/** Which parts of an order are wanted. */
export interface DeliveriesWanted extends PageOptions {
  order: string;
  agent?: string | undefined;
  state?: DeliveryState | undefined;
}

/** Of one order, by agent. */
export async function readDeliveries(
  from: HubQueries,
  tenant: string,
  query: DeliveriesWanted,
): Promise<Page<Delivery>> {
  const limit = limitOf(query);
  const { order, agent, state, after } = query;
  const values: SqlValue[] = [tenant, order];
  const put = (value: SqlValue) => `?${values.push(value)}`;
  const parts = ["d.tenant = ?1", "d.order_id = ?2"];
  if (agent !== undefined) parts.push(`d.agent = ${put(agent)}`);
  if (state !== undefined) parts.push(`d.state = ${put(state)}`);
  if (after !== undefined) parts.push(`d.agent > ${put(after)}`);
  const found = `FROM deliveries d JOIN orders o ON o.tenant = d.tenant AND o.id = d.order_id
       JOIN agents a ON a.tenant = d.tenant AND a.id = d.agent
     WHERE ${parts.join(" AND ")} ORDER BY d.agent LIMIT ?${values.length + 1}`;
  const sizes = await from.all<Size>(`SELECT ${OUTCOME_SIZE} ${found}`, [...values, limit]);
  const fitting = fittingLimit(sizes, limit);
  const rows = await from.all<Row>(`SELECT ${COLUMNS} ${found}`, [...values, fitting + 1]);
  const page = pageOf(rows, fitting, (row) => row.agent);
  return { next: page.next, items: page.items.map(deliveryOf) };
}

/** Orders that are looked through at a time for those of one agent; then others have their turn. */
const AT_ONCE = 1_000;
/** How often that is done for one page. */
const TURNS = 50;
/** Orders that one page comes from at most. */
export const LOOKED_THROUGH = AT_ONCE * TURNS;

/**
 * Of one agent, newest first. What is over is found by its orders: see `delivery_tables.ts`. Where
 * the newest of them are others', a page has less than it may, or nothing, and a `next` all the same.
 *
 * @throws {HubError} not_found – there is no such agent
 */
export async function readHistory(
  from: HubQueries,
  tenant: string,
  agent: string,
  query: PageOptions,
  turns = TURNS,
): Promise<Page<Delivery>> {
  await rowOf(from, tenant, agent);
  let limit = limitOf(query);
  const sizes: Size[] = [];
  const found: (Row & { created: number })[] = [];
  let place: Place | undefined = placeAfter(query);
  for (let turn = 0; place !== undefined && turn < turns; turn++) {
    const [created, id]: Place = place;
    const last: { created: number; id: string } | undefined = await from.get(
      `SELECT created, id FROM orders
       WHERE tenant = ?1 AND (created < ?2 OR (created = ?2 AND id < ?3))
       ORDER BY created DESC, id DESC LIMIT 1 OFFSET ${AT_ONCE - 1}`,
      [tenant, created, id],
    );
    const some = `FROM orders o
         JOIN deliveries d ON d.tenant = o.tenant AND d.order_id = o.id AND d.agent = ?4
         JOIN agents a ON a.tenant = d.tenant AND a.id = d.agent
       WHERE o.tenant = ?1 AND (o.created < ?2 OR (o.created = ?2 AND o.id < ?3))
         AND (o.created > ?5 OR (o.created = ?5 AND o.id >= ?6))
       ORDER BY o.created DESC, o.id DESC LIMIT ?7`;
    const values = [tenant, created, id, agent, last?.created ?? 0, last?.id ?? ""];
    const room = () => [...values, limit + 1 - found.length];
    sizes.push(...await from.all<Size>(`SELECT ${OUTCOME_SIZE} ${some}`, room()));
    limit = fittingLimit(sizes, limit);
    found.push(
      ...await from.all<Row & { created: number }>(`SELECT ${COLUMNS}, o.created ${some}`, room()),
    );
    place = last && found.length <= limit ? [last.created, last.id] : undefined;
    if (place) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const page = pageOf(found, limit, ({ created, order }) => placeOf({ created, id: order }));
  return {
    next: page.next ?? (place ? placeOf({ created: place[0], id: place[1] }) : null),
    items: page.items.map(({ created: _, ...row }) => deliveryOf(row)),
  };
}

type Place = ReturnType<typeof placeAfter>;

function deliveryOf({ outcome, figures, ...row }: Row): Delivery {
  return {
    ...row,
    outcome: outcome === null ? null : JSON.parse(outcome),
    figures: figures === null ? null : JSON.parse(figures),
  };
}

/** What happened in the runs of one order: by agent, and then as it happened there. */
export async function readLog(
  from: HubQueries,
  tenant: string,
  order: string,
  query: PageOptions & { agent?: string | undefined },
): Promise<Page<LogEntry>> {
  const limit = limitOf(query);
  const { agent, run, seq } = eventAfter(query.after);
  const only = query.agent;
  const found = `FROM run_log
     WHERE tenant = ?1 AND order_id = ?2
       AND (agent > ?3 OR (agent = ?3 AND (run > ?4 OR (run = ?4 AND seq > ?5))))
       AND (CAST(?6 AS TEXT) IS NULL OR agent = ?6)
     ORDER BY agent, run, seq LIMIT ?7`;
  const values = [tenant, order, agent, run, seq, only ?? null];
  const sizes = await from.all<Size>(`SELECT length(event) AS size ${found}`, [...values, limit]);
  const fitting = fittingLimit(sizes, limit);
  const rows = await from.all<Omit<LogEntry, "event"> & { event: string }>(
    `SELECT agent, run, seq, time, event ${found}`,
    [...values, fitting + 1],
  );
  const page = pageOf(rows, fitting, (row) => `${row.agent}.${row.run}.${row.seq}`);
  return {
    next: page.next,
    items: page.items.map((row) => ({ ...row, event: JSON.parse(row.event) })),
  };
}

function eventAfter(after: string | undefined): { agent: string; run: number; seq: number } {
  if (after === undefined) return { agent: "", run: 0, seq: 0 };
  const match = /^(writ-key:[\w-]{43})\.(\d{1,15})\.(\d{1,15})$/.exec(after);
  if (match) return { agent: match[1]!, run: Number(match[2]), seq: Number(match[3]) };
  throw new HubError("bad_request", "Cannot find the page as its name was not given out here");
}
