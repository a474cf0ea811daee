/**
 * `deno task docs:console`: draws docs/hub-console.png from a hub with five machines, as a real
 * browser shows it.
 *
 * @module
 */
import { ADMIN, Provider, TENANT } from "../../../runtime/cli/demo/hub/provider.ts";
import { BROKEN_CHECKUP, CHECKUP } from "../../../runtime/cli/demo/hub/scripts.ts";
import type { Selection } from "../../../runtime/hub/orders/order_record.ts";
import { Browser } from "./browser.ts";

const PICTURE = new URL("../../../docs/hub-console.png", import.meta.url);
const MACHINES = [
  ["frontdesk", "office"],
  ["accounts", "office"],
  ["reception", "office"],
  ["workshop", "works"],
  ["warehouse", "works"],
] as const;
/** What was ordered before the picture is taken: of whom, and in which version. */
const ORDERS: readonly (readonly [select: Selection, version: string])[] = [
  ["all", CHECKUP.version],
  [{ labels: ["office"] }, CHECKUP.version],
  ["all", CHECKUP.version],
  [{ labels: ["works"] }, BROKEN_CHECKUP.version],
  [{ labels: ["office"] }, CHECKUP.version],
  ["all", CHECKUP.version],
];

await using provider = await Provider.open();
await using browser = await Browser.start();
for (const [name, label] of MACHINES) await provider.enrol(name, [label]);
await provider.enrol("new-laptop", ["office"], false);
for (const [select, version] of ORDERS) await order(select, version);

const password = await provider.invite();
await browser.look(1200, 800);
await browser.open(`${provider.console.origin}/sign-in?fleet=${TENANT}`);
await browser.type("[name=name]", ADMIN);
await browser.type("[name=password]", password);
await browser.go(() => browser.click("form[action='/sign-in'] button"));
await browser.until("/others|version 1/.test(document.body.innerText)");
await Deno.writeFile(PICTURE, await browser.picture());

/** Orders, and waits until every run has ended. */
async function order(select: Selection, version: string): Promise<void> {
  const { orders, events } = provider.hub.services;
  const { id, counts } = await orders.create(TENANT, `user:${ADMIN}`, {
    script: { name: "acme/checkup", range: version },
    input: { area: "disk" },
    select,
    expiresMs: 600_000,
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  const late = setTimeout(resolve, 60_000);
  using _listening = events.on(TENANT, async () => {
    const { counts: now } = await orders.get(TENANT, id);
    // The new laptop waits for its approval, and gets nothing.
    if (now.ended >= Math.min(counts.queued + counts.sent, MACHINES.length)) resolve();
  });
  await promise;
  clearTimeout(late);
}
