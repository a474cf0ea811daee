import type { Command } from "commander";
import { readInputText } from "../../arguments/input.ts";
import type { Cli, Registry } from "../../cli.ts";
import {
  answerHubOrder,
  type HubOrderOptions,
  placeHubOrder,
} from "../../hub_orders/place_order.ts";
import { requireOneSelection, withSelection } from "../../hub_orders/selection.ts";
import { cancelHubOrder, listHubOrders, showHubOrder } from "../../hub_orders/show_orders.ts";
import { withSchedule } from "../../order_form/schedule_options.ts";
import { withFleet } from "../../fleet/fleet.ts";
import { findHub, type HubOptions, withHub } from "../../reach/find_hub.ts";
import { withPassphrase } from "../../signing/keys.ts";

interface OrderOptions extends HubOrderOptions {
  input?: string;
}

/** `writ hub order`, `orders`, `artefacts` and `cancel`. */
export function addHubOrders(registry: Registry, hub: Command): void {
  const order = registry.command(
    "order <script>",
    "order from many agents: by the hub's key, or by one of yours",
    "writ hub order acme/print --label office --input '{\"copies\": 2}'",
    hub,
  )
    .option("--input <json>", "the input: JSON, @file, or - for standard input (default: null)")
    .option("--attach <file...>", "documents that come with the order")
    .option("--follow", "show what its runs say; exit 0 only if all end as ok")
    .option("--key <file...>", "sign here with an orderer's keys, for ids or labels of the list")
    .option("--expires <time>", "how long it waits for machines that are off", "1 d");
  withSchedule(order)
    .option("--queue-key <text>", "runs with the same key go one at a time")
    .option("--idempotency-key <text>", "an order that has it already is not made again");
  withFleet(withHub(withPassphrase(withSelection(order)))).action(registry.action(runOrder));
  const orders = registry.command(
    "orders [id]",
    "list the orders, or tell what came of one",
    "writ hub orders 5f0c…",
    hub,
  )
    .option("--log", "also what the script said")
    .option("--limit <count>", "the newest of all orders, so many", "100");
  withHub(orders).action(registry.action(showOrders));
  const artefacts = registry.command(
    "artefacts <order>",
    "list the files that the runs of an order left, or save them",
    "writ hub artefacts 5f0c… --save reports",
    hub,
  )
    .option("--save <dir>", "also save those that are whole in this folder");
  withHub(artefacts).action(registry.action(showArtefacts));
  const cancel = registry.command(
    "cancel <id>",
    "take an order back, and end its runs",
    "writ hub cancel 5f0c…",
    hub,
  );
  withHub(cancel).action(registry.action(cancelOrder));
}

async function runOrder(cli: Cli, script: string, options: OrderOptions): Promise<number> {
  const { parseScriptReference } = await import("../../arguments/script_reference.ts");
  const named = parseScriptReference(script);
  requireOneSelection(options);
  const { value: input } = await readInputText(cli, options.input);
  const api = await findHub(cli, options);
  const order = await placeHubOrder(cli, api, { script: named, input }, options);
  return await answerHubOrder(cli, api, order, options);
}

async function showOrders(
  cli: Cli,
  id: string | undefined,
  options: HubOptions & { log?: boolean; limit: string },
): Promise<void> {
  const api = await findHub(cli, options);
  if (id === undefined) return await listHubOrders(cli, api, options.limit);
  await showHubOrder(cli, api, id, options);
}

async function showArtefacts(
  cli: Cli,
  order: string,
  options: HubOptions & { save?: string },
): Promise<void> {
  const { hubArtefacts } = await import("../../hub_orders/artefacts.ts");
  await hubArtefacts(cli, await findHub(cli, options), order, options.save);
}

async function cancelOrder(cli: Cli, id: string, options: HubOptions): Promise<number> {
  return await cancelHubOrder(cli, await findHub(cli, options), id);
}
