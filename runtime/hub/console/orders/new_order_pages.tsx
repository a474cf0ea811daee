import { canonicalText } from "../../../core/canonical_json.ts";
import { parseDocument } from "../../../core/documents/parse.ts";
import type { Manifest } from "../../../core/documents/manifest.ts";
import type { Attachment } from "../../../core/documents/order.ts";
import { instantOf } from "../../../core/instant.ts";
import { HubError } from "../../errors.ts";
import type { OrderRequest } from "../../orders/order_request.ts";
import { agentsNamed, offeredAgents } from "../agents/agent_picker.tsx";
import type { ConsoleParts } from "../console_parts.ts";
import { type ConsoleContext, type Form, formOf, visitorOf } from "../environment.ts";
import type { Pages } from "../pages.ts";
import { show } from "../parts/layout.tsx";
import { done } from "../parts/notices.ts";
import { refusalOf } from "../refusal.tsx";
import { nameOf } from "../scripts/script_pages.tsx";
import { attachmentsOf } from "./attachments.tsx";
import { OrderForm } from "./order_form.tsx";
import { orderRequest } from "./order_request.ts";
import { orderPath, scriptPath } from "./order_words.tsx";
import { SignElsewhere } from "./sign_elsewhere.tsx";

type Parts = Pick<ConsoleParts, "agents" | "orders" | "scripts" | "lists" | "content" | "now">;

/** Ordering a script, by the hub's key or by one that is kept elsewhere. */
export function addNewOrderPages(pages: Pages, parts: Parts): void {
  const { agents, orders, scripts } = parts;

  pages.get("/scripts/:publisher/:name/order", "orders:write", async (c) => {
    const { manifest } = await askedFor(c, scripts);
    return await formPage(c, agents, {
      manifest,
      sent: undefined,
      attached: [],
      trouble: undefined,
    });
  });

  pages.post("/scripts/:publisher/:name/order", "orders:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const sent = formOf(c);
    const { manifest } = await askedFor(c, scripts);
    const attached = await attachmentsOf(sent, tenant, parts.content);
    let request: OrderRequest | undefined;
    try {
      request = await orderRequest(sent, manifest, {
        attachments: attached,
        agentsNamed: (words) => agentsNamed(agents, tenant, words),
        now: parts.now(),
      });
      const { id } = await orders.create(tenant, actor.who, request);
      return c.redirect(done(orderPath(id), "ordered"), 303);
    } catch (error) {
      if (request && error instanceof HubError && error.code === "no_orderer_key") {
        return await signElsewherePage(c, request, parts);
      }
      const refusal = refusalOf(error);
      if (!refusal) throw error;
      return await formPage(c, agents, { manifest, sent, attached, trouble: refusal.message });
    }
  });

  // A page of this origin gives back no other text than what is to be signed.
  pages.post("/orders/file", "orders:write", (c) => {
    const order = new TextEncoder().encode(formOf(c).text("order"));
    parseDocument("order", order);
    c.header("Content-Disposition", 'attachment; filename="order.json"');
    return c.body(order, 200, { "Content-Type": "application/json" });
  });

  pages.post("/orders/signed", "orders:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const envelope = new TextEncoder().encode(formOf(c).text("envelope").trim());
    const { id } = await orders.send(tenant, actor.who, envelope);
    return c.redirect(done(orderPath(id), "ordered"), 303);
  });
}

async function askedFor(c: ConsoleContext, scripts: Parts["scripts"]) {
  const { tenant } = visitorOf(c);
  return await scripts.manifest(tenant, nameOf(c), c.req.query("version") ?? "");
}

async function formPage(
  c: ConsoleContext,
  agents: Parts["agents"],
  { manifest, sent, attached, trouble }: {
    manifest: Manifest;
    sent: Form | undefined;
    attached: readonly Attachment[];
    trouble: string | undefined;
  },
): Promise<Response> {
  const script = nameOf(c);
  const { tenant } = visitorOf(c);
  const offered = await offeredAgents(agents, tenant);
  const agent = c.req.query("agent") ?? "";
  const to = `${scriptPath(script)}/order?version=${encodeURIComponent(manifest.version)}`;
  return await show(c, {
    title: `Order ${script} ${manifest.version}`,
    status: trouble === undefined ? 200 : 400,
    body: (
      <section class="card">
        <OrderForm
          to={to}
          manifest={manifest}
          sent={sent}
          attached={attached}
          agent={agent}
          offered={offered}
          trouble={trouble}
          by={visitorOf(c)}
        />
      </section>
    ),
  });
}

/** Shows the very file that is to be signed where the key is. */
async function signElsewherePage(
  c: ConsoleContext,
  request: OrderRequest,
  { lists, now }: Parts,
): Promise<Response> {
  const visitor = visitorOf(c);
  const { root } = await lists.root(visitor.tenant);
  const { script, input, select, expiresMs, schedule, attachments = [] } = request;
  if (select === "all") {
    throw new HubError("bad_request", "Cannot sign elsewhere for all: name labels or agents");
  }
  const issued = now();
  const begins = schedule ? Math.max(issued, Date.parse(schedule.at)) : issued;
  const order = {
    id: crypto.randomUUID(),
    fleet: root.fleet,
    ...{ script, input: input ?? null, attachments, audience: select },
    issued: instantOf(issued),
    expires: instantOf(begins + expiresMs),
    ...(schedule && { schedule }),
  };
  return await show(c, {
    title: "Sign the order where the key is",
    body: <SignElsewhere order={canonicalText(order)} by={visitor} />,
  });
}
