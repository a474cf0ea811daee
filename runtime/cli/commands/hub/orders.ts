import type { Command } from "commander";
import type { OrderOptions as SignedOrderOptions } from "../../../author/make_order.ts";
import { instantOf } from "../../../core/instant.ts";
import type { Delivery, HubOrder, LogEntry, Selection } from "../../../hub/mod.ts";
import { parseDuration } from "../../arguments/duration.ts";
import { readInputText } from "../../arguments/input.ts";
import { wholeNumber } from "../../arguments/whole_number.ts";
import type { Cli, Registry } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { findHub, type HubOptions, withHub } from "../../find_hub.ts";
import { agentIdOf, idOf } from "../../hub_names.ts";
import { countOf, logTable, outcomeText, standOf } from "../../hub_order_words.ts";
import type { ScheduleOptions } from "../../order_form/schedule.ts";
import type { HubApi } from "../../reach/hub_api.ts";
import { type PassphraseOptions, withPassphrase } from "../../signing/keys.ts";
import { table } from "../../terminal/table.ts";

interface OrderOptions extends HubOptions, PassphraseOptions, ScheduleOptions {
  input?: string;
  attach?: string[];
  to?: string[];
  label?: string[];
  all?: boolean;
  key?: string[];
  queueKey?: string;
  idempotencyKey?: string;
}

/** `writ hub order`, `orders` and `cancel`. */
export function addHubOrders(registry: Registry, hub: Command): void {
  const order = registry.command(
    "order <script>",
    "order from many agents: by the hub's key, or by one of yours",
    "writ hub order acme/print --label office --input '{\"copies\": 2}'",
    hub,
  )
    .option("--input <json>", "the input: JSON, @file, or - for standard input (default: null)")
    .option("--attach <file...>", "documents that come with the order")
    .option("--to <agent...>", "agents, by name or id")
    .option("--label <label...>", "agents that have one of these labels")
    .option("--all", "every agent")
    .option("--key <file...>", "sign here with an orderer's keys; the hub only carries it")
    .option("--expires <time>", "how long it waits for machines that are off", "1 d")
    .option("--at <time>", "not before this time, like 2026-01-31T09:00:00Z")
    .option("--every <time>", "at once and again until it expires, at least 1 min apart")
    .option("--cron <pattern>", "whenever it says until it expires: five parts, like '0 9 * * 1-5'")
    .option("--timezone <name>", "for --cron, like Europe/Berlin", "UTC")
    .option("--queue-key <text>", "runs with the same key go one at a time")
    .option("--idempotency-key <text>", "an order that has it already is not made again");
  withHub(withPassphrase(order)).action(registry.action(runOrder));
  const orders = registry.command(
    "orders [id]",
    "list the orders, or tell what came of one",
    "writ hub orders 5f0c…",
    hub,
  )
    .option("--log", "also what the script said")
    .option("--limit <count>", "the newest of all orders, so many", "100");
  withHub(orders).action(registry.action(showOrders));
  const cancel = registry.command(
    "cancel <id>",
    "take an order back, and end its runs",
    "writ hub cancel 5f0c…",
    hub,
  );
  withHub(cancel).action(registry.action(cancelOrder));
}

async function runOrder(cli: Cli, script: string, options: OrderOptions): Promise<void> {
  const [{ parseScriptReference }, { scheduleFrom }, { describeFile }] = await Promise.all([
    import("../../arguments/script_reference.ts"),
    import("../../order_form/schedule.ts"),
    import("../../reach/upload.ts"),
  ]);
  const named = parseScriptReference(script);
  requireOneSelection(options);
  const now = cli.io.now();
  const schedule = await scheduleFrom(options, now);
  const { value: input } = await readInputText(cli, options.input);
  const api = await findHub(cli, options);
  const selection = await selectionOf(api, options);
  const files = [];
  for (const file of options.attach ?? []) files.push(await describeFile(cli, file));
  for (const { file, attachment } of files) {
    await api.upload(attachment.sha256, (await Deno.open(cli.path(file))).readable);
  }
  const attachments = files.map(({ attachment }) => attachment);
  const { queueKey, idempotencyKey } = options;
  const text = {
    ...{ script: named, input, attachments },
    ...(queueKey !== undefined && { queueKey }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  };
  const order = options.key
    ? await sendSigned(cli, api, { ...text, ...schedule, now }, selection, options)
    : await api.json<HubOrder>("POST", "/api/v1/orders", {
      ...text,
      select: selection,
      expiresMs: parseDuration("--expires", options.expires ?? "1 d"),
      ...scheduleOf(schedule, now),
    });
  cli.answer(order, () => `Order ${order.id} goes to ${countOf(order)}\n${nextLine(order)}`);
}

type Schedule = Awaited<
  ReturnType<typeof import("../../order_form/schedule.ts")["scheduleFrom"]>
>;

function scheduleOf({ at, repeat }: Schedule, now: number) {
  if (at === undefined && repeat === undefined) return {};
  return { schedule: { at: instantOf(at ?? now), ...(repeat && { repeat }) } };
}

async function sendSigned(
  cli: Cli,
  api: HubApi,
  text: Omit<SignedOrderOptions, "fleet" | "audience">,
  selection: Selection,
  options: OrderOptions,
): Promise<HubOrder> {
  const [{ makeOrder }, { readSigners }, { payloadType }] = await Promise.all([
    import("../../../author/make_order.ts"),
    import("../../signing/keys.ts"),
    import("../../../core/dsse.ts"),
  ]);
  if (selection === "all") {
    const hint = "name agents or labels: whoever signs says for whom";
    throw new CliError("usage", "Cannot sign an order for agents that are not named", hint);
  }
  const { fleet } = await api.json<{ fleet: string }>("GET", "/api/v1/tenant");
  const signers = await readSigners(cli, options.key!, options);
  const { envelope } = makeOrder({ ...text, fleet, audience: selection }, signers);
  const body = { type: payloadType("order"), content: new Uint8Array(envelope) };
  return await (await api.ask("POST", "/api/v1/orders/signed", body)).json();
}

function requireOneSelection({ to, label, all }: OrderOptions): void {
  const given = [to, label, all].filter((option) => option !== undefined);
  if (given.length === 1) return;
  throw new CliError("usage", "Cannot tell who is meant: give one of --to, --label and --all");
}

async function selectionOf(api: HubApi, { to, label }: OrderOptions): Promise<Selection> {
  if (to) return { agents: await Promise.all(to.map((agent) => agentIdOf(api, agent))) };
  return label ? { labels: label } : "all";
}

async function showOrders(
  cli: Cli,
  id: string | undefined,
  options: HubOptions & { log?: boolean; limit: string },
): Promise<void> {
  const api = await findHub(cli, options);
  if (id === undefined) {
    const limit = wholeNumber("--limit", options.limit, { least: 1 });
    const { items, isWhole } = await api.list<HubOrder>("/api/v1/orders", {}, limit);
    if (!isWhole) cli.note(`Older orders are not shown: --limit ${limit * 2}`);
    return cli.answer({ items }, () =>
      table(
        ["ID", "SCRIPT", "CREATED", "WHERE IT STANDS"],
        items.map((order) => [order.id, order.script, instantOf(order.created), standOf(order)]),
        cli.out.dim,
      ));
  }
  const path = `/api/v1/orders/${encodeURIComponent(await idOf(api, "orders", id))}`;
  const order = await api.json<HubOrder>("GET", path);
  const { items } = await api.list<Delivery>(`${path}/deliveries`);
  const log = options.log ? (await api.list<LogEntry>(`${path}/log`)).items : [];
  cli.answer({ ...order, deliveries: items, ...(options.log && { log }) }, () =>
    [
      `${order.script} ${order.version}, ordered by ${order.who}: ${standOf(order)}`,
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
      ...(log.length === 0 ? [] : [logTable(log, items, cli.out.dim)]),
    ].join("\n"));
}

async function cancelOrder(cli: Cli, id: string, options: HubOptions): Promise<void> {
  const api = await findHub(cli, options);
  const whole = await idOf(api, "orders", id);
  const path = `/api/v1/orders/${encodeURIComponent(whole)}/cancel`;
  const order = await api.json<HubOrder>("POST", path);
  cli.answer(order, () => `Cancelled order ${order.id}: ${standOf(order)}`);
}

function nextLine({ id }: HubOrder): string {
  return `See what comes of it: writ hub orders ${id} --log`;
}
