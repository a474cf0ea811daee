import { momentOf } from "../../core/instant.ts";
import type { Delivery, HubOrder, LogEntry } from "../../hub/mod.ts";
import { wholeNumber } from "../arguments/whole_number.ts";
import type { Cli } from "../cli.ts";
import type { HubApi } from "../reach/hub_api.ts";
import { idOf } from "../reach/hub_names.ts";
import { table } from "../terminal/table.ts";
import { isOpen, logTable, outcomeText, standOf } from "./hub_order_words.ts";

/** The path of an order that a person names by how its id begins. */
export async function orderPath(api: HubApi, id: string): Promise<string> {
  return `/api/v1/orders/${encodeURIComponent(await idOf(api, "orders", id))}`;
}

/** Lists the newest orders. */
export async function listHubOrders(cli: Cli, api: HubApi, limitText: string): Promise<void> {
  const limit = wholeNumber("--limit", limitText, { least: 1 });
  const { items, isWhole } = await api.list<HubOrder>("/api/v1/orders", {}, limit);
  if (!isWhole) cli.note(`Older orders are not shown: --limit ${limit * 2}`);
  cli.answer({ items }, () =>
    table(
      ["ID", "SCRIPT", "CREATED", "WHERE IT STANDS"],
      items.map((order) => [order.id, order.script, momentOf(order.created), standOf(order)]),
      cli.out.dim,
    ));
}

/** Tells what came of one order. */
export async function showHubOrder(
  cli: Cli,
  api: HubApi,
  id: string,
  { log: withLog = false }: { log?: boolean },
): Promise<void> {
  const path = await orderPath(api, id);
  const order = await api.json<HubOrder>("GET", path);
  const { items } = await api.list<Delivery>(`${path}/deliveries`);
  const log = withLog ? (await api.list<LogEntry>(`${path}/log`)).items : [];
  cli.answer({ ...order, deliveries: items, ...(withLog && { log }) }, () =>
    [
      `${order.script} ${order.version}, ordered by ${order.who}: ${standOf(order)}`,
      ...dueLine(cli, order),
      table(
        ["NAME", "AGENT", "STATE", "OUTCOME"],
        items.map(({ agent, agentName, state, refusal, outcome }) => [
          agentName,
          agent,
          refusal === null ? state : `${state}: ${refusal}`,
          outcome === null ? "" : outcomeText(outcome),
        ]),
        cli.out.dim,
      ),
      ...items.filter(({ leftOut }) => leftOut > 0).map(leftOutLine),
      ...(log.length === 0 ? [] : [logTable(log, items, cli.out.dim)]),
    ].join("\n"));
}

function leftOutLine({ agentName, leftOut }: Delivery): string {
  return `${agentName} said more than the hub keeps of an order: ${leftOut} events are on it alone`;
}

function dueLine(cli: Cli, { schedule }: HubOrder): string[] {
  if (!schedule || Date.parse(schedule.at) <= cli.io.now()) return [];
  return [`It waits until ${schedule.at}`];
}

/** Takes an order back, and ends its runs. @returns the exit code: 1 when it was over already. */
export async function cancelHubOrder(cli: Cli, api: HubApi, id: string): Promise<number> {
  const path = await orderPath(api, id);
  const before = await api.json<HubOrder>("GET", path);
  const isOver = !isOpen(before);
  const order = isOver ? before : await api.json<HubOrder>("POST", `${path}/cancel`);
  cli.answer(
    { ...order, isOver },
    () =>
      `${isOver ? "There was nothing left to cancel of order" : "Cancelled order"} ${order.id}: ${
        standOf(order)
      }`,
  );
  return isOver ? 1 : 0;
}
