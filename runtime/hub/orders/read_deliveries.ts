import type { HubQueries, SqlValue } from "../database/hub_database.ts";
import { HubError } from "../errors.ts";
import { limitOf, type Page, pageOf, type PageOptions } from "../page.ts";
import type { Delivery, DeliveryState, LogEntry } from "./order_record.ts";

type Row = Omit<Delivery, "outcome" | "figures"> & {
  outcome: string | null;
  figures: string | null;
  place: string;
};

/** Which parts of orders are wanted: those of one order, or of one agent. */
export interface DeliveriesWanted extends PageOptions {
  order?: string;
  agent?: string | undefined;
  state?: DeliveryState | undefined;
}

/** Of one order by agent, of one agent by its last change. */
export async function readDeliveries(
  from: HubQueries,
  tenant: string,
  query: DeliveriesWanted,
): Promise<Page<Delivery>> {
  const limit = limitOf(query);
  const values: SqlValue[] = [tenant];
  const put = (value: SqlValue) => `?${values.push(value)}`;
  const parts = ["d.tenant = ?1"];
  const { order, agent, state, after } = query;
  if (order !== undefined) parts.push(`d.order_id = ${put(order)}`);
  if (agent !== undefined) parts.push(`d.agent = ${put(agent)}`);
  if (state !== undefined) parts.push(`d.state = ${put(state)}`);
  // Order ids are random, so a page of an agent's goes by time first.
  const place = agent === undefined ? "d.agent" : "o.created";
  if (after !== undefined) {
    parts.push(agent === undefined ? `${place} > ${put(after)}` : `${place} < ${put(+after)}`);
  }
  const rows = await from.all<Row>(
    `SELECT d.order_id AS "order", d.agent, a.name AS "agentName", o.script, d.state, d.refusal,
       d.run, d.outcome, d.figures, d.updated, ${place} AS place
     FROM deliveries d JOIN orders o ON o.tenant = d.tenant AND o.id = d.order_id
       JOIN agents a ON a.tenant = d.tenant AND a.id = d.agent
     WHERE ${parts.join(" AND ")}
     ORDER BY ${place} ${agent === undefined ? "" : "DESC"} LIMIT ${limit + 1}`,
    values,
  );
  const page = pageOf(rows, limit, (row) => String(row.place));
  return {
    next: page.next,
    items: page.items.map(({ place: _, outcome, figures, ...row }) => ({
      ...row,
      outcome: outcome === null ? null : JSON.parse(outcome),
      figures: figures === null ? null : JSON.parse(figures),
    })),
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
  const { agent, run, seq } = placeOf(query.after);
  const only = query.agent;
  const rows = await from.all<Omit<LogEntry, "event"> & { event: string }>(
    `SELECT agent, run, seq, time, event FROM run_log
     WHERE tenant = ?1 AND order_id = ?2
       AND (agent > ?3 OR (agent = ?3 AND (run > ?4 OR (run = ?4 AND seq > ?5))))
       AND (CAST(?6 AS TEXT) IS NULL OR agent = ?6)
     ORDER BY agent, run, seq LIMIT ?7`,
    [tenant, order, agent, run, seq, only ?? null, limit + 1],
  );
  const page = pageOf(rows, limit, (row) => `${row.agent}.${row.run}.${row.seq}`);
  return {
    next: page.next,
    items: page.items.map((row) => ({ ...row, event: JSON.parse(row.event) })),
  };
}

function placeOf(after: string | undefined): { agent: string; run: number; seq: number } {
  if (after === undefined) return { agent: "", run: 0, seq: 0 };
  const match = /^(writ-key:[\w-]{43})\.(\d{1,15})\.(\d{1,15})$/.exec(after);
  if (match) return { agent: match[1]!, run: Number(match[2]), seq: Number(match[3]) };
  throw new HubError("bad_request", "Cannot find the page as its name was not given out here");
}
