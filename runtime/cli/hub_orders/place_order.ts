import type { OrderOptions as SignedOrderOptions } from "../../author/make_order.ts";
import type { Order } from "../../core/documents/order.ts";
import { instantOf } from "../../core/instant.ts";
import { printable } from "../../core/printable.ts";
import type { HubOrder, Selection } from "../../hub/mod.ts";
import type { Cli } from "../cli.ts";
import { findFleet, type FleetOptions } from "../fleet/fleet.ts";
import type { ScheduleOptions } from "../order_form/schedule_options.ts";
import type { HubOptions } from "../reach/find_hub.ts";
import type { HubApi } from "../reach/hub_api.ts";
import { describeFile } from "../reach/upload.ts";
import type { PassphraseOptions } from "../signing/keys.ts";
import { countOf } from "./hub_order_words.ts";
import { selectionOf, type SelectionOptions, signedSelectionOf } from "./selection.ts";

/** What `writ hub order`, and `writ order --hub`, are given. */
export interface HubOrderOptions
  extends
    HubOptions,
    PassphraseOptions,
    ScheduleOptions,
    SelectionOptions,
    Pick<FleetOptions, "fleet"> {
  attach?: string[];
  key?: string[];
  queueKey?: string;
  idempotencyKey?: string;
  follow?: boolean;
}

/** Orders by the hub's key, or by keys that sign here. */
export async function placeHubOrder(
  cli: Cli,
  api: HubApi,
  { script, input }: Pick<Order, "script" | "input">,
  options: HubOrderOptions,
): Promise<HubOrder> {
  const { scheduleFrom } = await import("../order_form/schedule.ts");
  const now = cli.io.now();
  const schedule = await scheduleFrom(options, now, "1 d");
  const selection = options.key ? signedSelectionOf(options) : await selectionOf(api, options);
  const files = [];
  for (const file of options.attach ?? []) files.push(await describeFile(cli, file));
  for (const { file, attachment } of files) {
    await api.upload(attachment.sha256, (await Deno.open(cli.path(file))).readable);
  }
  const attachments = files.map(({ attachment }) => attachment);
  const { queueKey, idempotencyKey } = options;
  const text = {
    ...{ script, input, attachments },
    ...(queueKey !== undefined && { queueKey }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  };
  if (selection !== "all" && options.key) {
    return await sendSigned(cli, api, { ...text, ...schedule, now }, selection, options);
  }
  return await api.json<HubOrder>("POST", "/api/v1/orders", {
    ...text,
    select: selection,
    expiresMs: schedule.lifetimeMs,
    ...scheduleOf(schedule, now),
  });
}

/** Tells what was ordered; or follows it, where that is wanted. @returns the exit code. */
export async function answerHubOrder(
  cli: Cli,
  api: HubApi,
  order: HubOrder,
  { follow }: Pick<HubOrderOptions, "follow">,
): Promise<number> {
  if (follow) return await (await import("./follow_order.ts")).followHubOrder(cli, api, order.id);
  const id = printable(order.id);
  cli.answer(order, () =>
    [
      `Order ${id} goes to ${countOf(order)}`,
      `See what comes of it: writ hub orders ${id} --log`,
    ].join("\n"));
  return 0;
}

type Schedule = Awaited<ReturnType<typeof import("../order_form/schedule.ts")["scheduleFrom"]>>;

function scheduleOf({ at, repeat }: Schedule, now: number) {
  if (at === undefined && repeat === undefined) return {};
  return { schedule: { at: instantOf(at ?? now), ...(repeat && { repeat }) } };
}

async function sendSigned(
  cli: Cli,
  api: HubApi,
  text: Omit<SignedOrderOptions, "fleet" | "audience">,
  audience: Exclude<Selection, "all">,
  options: HubOrderOptions,
): Promise<HubOrder> {
  const [{ makeOrder }, { readSigners }, { payloadType }, { loadPolicyDir }] = await Promise.all([
    import("../../author/make_order.ts"),
    import("../signing/keys.ts"),
    import("../../core/dsse.ts"),
    import("../../policy/mod.ts"),
  ]);
  // Not what the hub says: the same key may stand in the roots of several fleets.
  const { fleet: { fleet } } = await loadPolicyDir((await findFleet(cli, options)).policy);
  const signers = await readSigners(cli, options.key!, options);
  const { envelope } = makeOrder({ ...text, fleet, audience }, signers);
  const body = { type: payloadType("order"), content: new Uint8Array(envelope) };
  return await (await api.ask("POST", "/api/v1/orders/signed", body)).json();
}
