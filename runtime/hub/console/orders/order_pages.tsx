import { visible } from "../parts/visible.ts";
import { DELIVERY_STATES } from "../../orders/order_record.ts";
import type { ConsoleParts } from "../console_parts.ts";
import { type ConsoleContext, visitorOf } from "../environment.ts";
import { CONSOLE_LIMITS } from "../limits.ts";
import type { Pages } from "../pages.ts";
import { PostForm } from "../parts/form.tsx";
import { show } from "../parts/layout.tsx";
import { done } from "../parts/notices.ts";
import { ArtefactSection } from "./artefact_section.tsx";
import { OrderTable } from "./order_table.tsx";
import { DeliverySection, OrderFacts } from "./order_view.tsx";
import { isOver, orderPath } from "./order_words.tsx";
import { RunView } from "./run_view.tsx";
import { HubError } from "../../errors.ts";

type Parts = Pick<ConsoleParts, "artefacts" | "orders" | "scripts" | "now">;

/** What was ordered, how far it is, and each run of it. */
export function addOrderPages(pages: Pages, { artefacts, orders, scripts, now }: Parts): void {
  pages.get("/orders", "orders:read", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const { script, after } = c.req.query();
    const only = c.req.query("only") === "scheduled" ? "scheduled" as const : undefined;
    const query = { script: script || undefined, after: after || undefined, only };
    const page = await orders.list(tenant, { ...query, limit: CONSOLE_LIMITS.ROWS });
    return show(c, {
      title: only ? "Scheduled orders" : "Orders",
      live: "orders",
      actions: (
        <>
          {only
            ? <a class="button second" href="/orders">All orders</a>
            : <a class="button second" href="/orders?only=scheduled">Scheduled</a>}
          {actor.scopes.has("orders:write") && <a class="button" href="/scripts">Order</a>}
        </>
      ),
      body: (
        <section class="card">
          <OrderTable page={page} isScheduled={only !== undefined} url={c.req.url} now={now()} />
        </section>
      ),
    });
  });

  pages.get("/orders/:id", "orders:read", async (c) => {
    const visitor = visitorOf(c);
    const { tenant, actor } = visitor;
    const order = await orders.get(tenant, idOf(c));
    const state = DELIVERY_STATES.find((word) => word === c.req.query("state"));
    const page = await orders.deliveries(tenant, order.id, {
      state,
      after: c.req.query("after"),
      limit: CONSOLE_LIMITS.ROWS,
    });
    const canCancel = actor.scopes.has("orders:write") && order.cancelled === null &&
      !isOver(order);
    const left = await artefacts.list(tenant, order.id, { limit: CONSOLE_LIMITS.ROWS });
    const known = await scripts.versions(tenant, order.script);
    const named = known.find(({ sha256 }) => sha256 === order.version)?.version;
    return show(c, {
      title: `Order of ${order.script}`,
      live: `order ${order.id}`,
      actions: canCancel && (
        <PostForm to={`${orderPath(order.id)}/cancel`} by={visitor} label="Cancel the order">
          <button type="submit" class="danger">Cancel the order</button>
        </PostForm>
      ),
      body: (
        <>
          <OrderFacts order={order} version={named} now={now()} />
          <DeliverySection page={page} state={state} url={c.req.url} now={now()} />
          <ArtefactSection
            order={order.id}
            artefacts={left.items}
            more={left.next !== null}
            now={now()}
          />
        </>
      ),
    });
  });

  pages.post("/orders/:id/cancel", "orders:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const { id } = await orders.cancel(tenant, actor.who, idOf(c));
    return c.redirect(done(orderPath(id), "cancelled"), 303);
  });

  pages.get("/orders/:id/agents/:agent", "orders:read", async (c) => {
    const { tenant } = visitorOf(c);
    const [id, agent] = [idOf(c), c.req.param("agent") ?? ""];
    const { items: [delivery] } = await orders.deliveries(tenant, id, { agent, limit: 1 });
    if (!delivery) throw new HubError("not_found", "Cannot find the order's part of this agent");
    const log = await orders.log(tenant, id, {
      agent,
      after: c.req.query("after"),
      limit: CONSOLE_LIMITS.LOG_LINES,
    });
    // Files are listed by agent, run and name: its own are the first behind this place.
    const left = await artefacts.list(tenant, id, {
      after: `${delivery.agent}.0.!`,
      limit: CONSOLE_LIMITS.ROWS,
    });
    const own = left.items.filter((one) => one.agent === delivery.agent);
    return show(c, {
      title: `${delivery.script} on ${visible(delivery.agentName)}`,
      live: `order ${id}`,
      body: (
        <>
          <RunView delivery={delivery} log={log} url={c.req.url} now={now()} />
          <ArtefactSection
            order={id}
            artefacts={own}
            more={left.next !== null && own.length === left.items.length}
            now={now()}
          />
        </>
      ),
    });
  });

  pages.get("/orders/:id/artefacts/:agent/:run/:name", "orders:read", async (c) => {
    const { tenant } = visitorOf(c);
    const { agent = "", run = "", name = "" } = c.req.param();
    const number = Number(/^\d{1,15}$/.exec(run)?.[0] ?? 0);
    const file = await artefacts.read(tenant, idOf(c), { agent, run: number, name });
    return c.body(file.stream(), 200, {
      "Content-Type": "application/octet-stream",
      "Content-Disposition": `attachment; filename="${name}"`,
    });
  });
}

function idOf(c: ConsoleContext): string {
  return c.req.param("id") ?? "";
}
