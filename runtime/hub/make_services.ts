import { keyId } from "../core/key.ts";
import { messageOf } from "../agent/errors.ts";
import type { Log } from "../agent/mod.ts";
import { ApiTokens } from "./access/api_tokens.ts";
import { Artefacts } from "./artefacts/artefacts.ts";
import { Agents } from "./agents/agents.ts";
import { Enrolment } from "./agents/enrolment.ts";
import type { Readdress } from "./agents/take_place.ts";
import { HubAudit } from "./audit/hub_audit.ts";
import type { HubBus } from "./bus/hub_bus.ts";
import { HubContent } from "./content/hub_content.ts";
import type { HubDatabase } from "./database/hub_database.ts";
import { HubEvents } from "./events/hub_events.ts";
import { AgentCalls } from "./link/agent_calls.ts";
import { AgentReports } from "./link/agent_reports.ts";
import { Links } from "./link/links.ts";
import { PresenceTable } from "./link/presence_table.ts";
import { Spread } from "./link/spread.ts";
import { StandingNotes } from "./link/standing_notes.ts";
import { Lists } from "./lists/lists.ts";
import { Deliveries } from "./orders/deliveries.ts";
import { OrderCheck } from "./orders/order_check.ts";
import { HubError } from "./errors.ts";
import { Orders } from "./orders/orders.ts";
import { readdressOrders } from "./orders/readdress_orders.ts";
import { Adverts } from "./rendezvous/adverts.ts";
import { TenantRelays } from "./rendezvous/tenant_relays.ts";
import { Releases } from "./releases/releases.ts";
import { Rollouts } from "./rollout/rollouts.ts";
import { ScriptEvents } from "./script_events/script_events.ts";
import { Scripts } from "./scripts/scripts.ts";
import type { HubServices } from "./services.ts";
import type { HubState } from "./state.ts";
import type { SteadyClock } from "./steady_clock.ts";
import { Tenants } from "./tenants/tenants.ts";
import { Webhooks } from "./webhooks/webhooks.ts";

/** What {@linkcode makeServices} works with. */
export interface MakeServicesOptions {
  state: HubState;
  database: HubDatabase;
  bus: HubBus;
  now(): number;
  clock: SteadyClock;
  log: Log;
  webhooksInside: boolean;
}

/** Makes everything between the addresses of the hub and its database, and puts it together. */
export function makeServices(started: AsyncDisposableStack, options: MakeServicesOptions) {
  const { state, database, now, clock, log } = options;
  const bus = started.use(options.bus);
  const hub = keyId(state.signer.publicKey);
  const events = started.use(new HubEvents({ shared: (message) => bus.publish(message) }));
  const audit = new HubAudit({
    database,
    now,
    added: (tenant) => events.tell(tenant, { type: "audit" }),
  });
  const shared = { database, audit, events, now };

  const content = new HubContent({ database, now });
  const tenants = new Tenants(shared);
  const tokens = new ApiTokens(shared);
  const webhooks = new Webhooks({ ...shared, log, inside: options.webhooksInside });
  const scripts = new Scripts({ ...shared, content });
  const lists = started.use(
    new Lists({
      ...shared,
      changed: (tenant) => bus.publish({ type: "lists", tenant }),
    }),
  );
  const standingChanged = (tenant: string, agent: typeof hub) =>
    bus.publish({ type: "standing", tenant, agent });
  const signer = (tenant: string) => {
    const found = state.findOrderer(tenant);
    if (found) return found;
    throw new HubError("key_elsewhere", `Cannot order for "${tenant}" as another hub has its key`);
  };
  const readdress: Readdress = (tx, tenant, from, to) =>
    readdressOrders(tx, { tenant, from, to, signer: signer(tenant), now: now() });
  const agents = new Agents({ ...shared, standingChanged, readdress });
  const enrolment = new Enrolment({ ...shared, hub, standingChanged, readdress });
  const check = started.use(new OrderCheck({ lists, scripts }));
  const orders = new Orders({
    ...{ ...shared, tenants, lists, content, check, signer },
    isHere: (tenant, agent) => links.takes(tenant, agent),
    leased: (tenant, order, parts) => links.sendOrders(tenant, order, parts),
    changed: (tenant, order, what) =>
      bus.publish({ type: what === "added" ? "ordered" : "cancelled", tenant, order }),
  });

  const releases = new Releases({ database, content, lists, now });
  const rollouts = started.use(
    new Rollouts({
      ...{ ...shared, orders, lists, releases, scripts, signer, log },
      now: () => clock.now(),
      listsChanged: (tenant) => bus.publish({ type: "lists", tenant }),
    }),
  );

  const deliveries = new Deliveries({ database, now });
  const scriptEvents = new ScriptEvents(shared);
  const uptime = () => clock.uptime();
  const presence = new PresenceTable({ database, hub: state.instance, now, uptime });
  const reports = new AgentReports({ ...shared, deliveries, releases, scriptEvents });
  const spread = new Spread({ database, now, connected: () => links.size });
  const notes = new StandingNotes({ database, releases, spread });
  const links: Links = new Links({
    deliveries,
    presence,
    reports,
    notes,
    spread,
    events,
    now,
    log,
  });
  const calls = new AgentCalls({ database, signer: state.signer, now });
  const adverts = new Adverts({ database, now });
  const relays = started.use(
    new TenantRelays({ standing: (tenant, agent) => notes.standing(tenant, agent) }),
  );
  bus.subscribe((message) => {
    if (message.type === "standing") relays.recheck(message.tenant, message.agent);
    if (message.type === "lists") notes.forget(message.tenant);
    if (message.type === "event" && ["order", "agent"].includes(message.event.type)) {
      rollouts.wake();
    }
    links.hear(message).catch((error) => {
      log("error", "message of a hub not done", { type: message.type, error: messageOf(error) });
    });
  });
  const services: HubServices = {
    ...{
      tenants,
      agents,
      enrolment,
      tokens,
      orders,
      artefacts: new Artefacts({ database }),
      lists,
      rollouts,
      releases,
      scripts,
      scriptEvents,
      content,
      audit,
      events,
    },
    ...{ webhooks, database, now, log },
  };
  return { services, links, presence, spread, deliveries, calls, adverts, relays };
}
