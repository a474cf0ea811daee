import { canonicalText } from "../../../core/canonical_json.ts";
import type { Manifest } from "../../../core/documents/manifest.ts";
import type { KeyId, ScriptName } from "../../../core/documents/common.ts";
import type { Order } from "../../../core/documents/order.ts";
import { instantOf } from "../../../core/instant.ts";
import { HubError } from "../../errors.ts";
import type { OrderRequest } from "../../orders/orders.ts";
import type { Selection } from "../../orders/order_record.ts";
import type { ConsoleParts } from "../console_parts.ts";
import { type ConsoleContext, type Form, formOf, visitorOf } from "../environment.ts";
import type { Pages } from "../pages.ts";
import { show } from "../parts/layout.tsx";
import { done } from "../parts/notices.ts";
import { refusalOf } from "../refusal.tsx";
import { nameOf } from "../scripts/script_pages.tsx";
import { checkedInput } from "./checked_input.ts";
import { LIVES, OrderForm } from "./order_form.tsx";
import { orderPath, scriptPath } from "./order_words.tsx";
import { SignElsewhere } from "./sign_elsewhere.tsx";

type Parts = Pick<ConsoleParts, "orders" | "scripts" | "lists" | "now">;

const MINUTE_MS = 60_000;

/** Ordering a script, by the hub's key or by one that is kept elsewhere. */
export function addNewOrderPages(pages: Pages, parts: Parts): void {
  const { orders, scripts } = parts;

  pages.get("/scripts/:publisher/:name/order", "orders:write", async (c) => {
    const { manifest } = await askedFor(c, scripts);
    return formPage(c, { manifest, sent: undefined, trouble: undefined });
  });

  pages.post("/scripts/:publisher/:name/order", "orders:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const sent = formOf(c);
    const { manifest } = await askedFor(c, scripts);
    let request: OrderRequest | undefined;
    try {
      request = await requestOf(sent, manifest, parts.now());
      const { id } = await orders.create(tenant, actor.who, request);
      return c.redirect(done(orderPath(id), "ordered"), 303);
    } catch (error) {
      if (request && error instanceof HubError && error.code === "no_orderer_key") {
        return await signElsewherePage(c, request, parts);
      }
      const refusal = refusalOf(error);
      if (!refusal) throw error;
      return formPage(c, { manifest, sent, trouble: refusal.message });
    }
  });

  pages.post("/orders/file", "orders:write", (c) => {
    c.header("Content-Disposition", 'attachment; filename="order.json"');
    return c.body(formOf(c).text("order"), 200, { "Content-Type": "application/json" });
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

function formPage(
  c: ConsoleContext,
  { manifest, sent, trouble }: {
    manifest: Manifest;
    sent: Form | undefined;
    trouble: string | undefined;
  },
): Response | Promise<Response> {
  const script = nameOf(c);
  const to = `${scriptPath(script)}/order?version=${encodeURIComponent(manifest.version)}`;
  return show(c, {
    title: `Order ${script} ${manifest.version}`,
    status: trouble === undefined ? 200 : 400,
    body: (
      <section class="card">
        <OrderForm
          to={to}
          manifest={manifest}
          sent={sent}
          agent={c.req.query("agent") ?? ""}
          trouble={trouble}
          by={visitorOf(c)}
        />
      </section>
    ),
  });
}

/**
 * What a form asks for.
 *
 * @throws {HubError} bad_request – a field is not as it must be, or the schema refuses the input
 * @throws {VerificationError} input_schema – the publisher's schema cannot be used
 */
async function requestOf(form: Form, manifest: Manifest, now: number): Promise<OrderRequest> {
  const input = await checkedInput(form, manifest);
  const life = LIVES.find(([minutes]) => minutes === form.text("minutes")) ?? LIVES[1];
  return {
    script: {
      name: `${manifest.publisher}/${manifest.name}` as ScriptName,
      sha256: manifest.module.sha256,
    },
    input,
    select: selectionOf(form),
    expiresMs: Number(life[0]) * MINUTE_MS,
    schedule: scheduleOf(form, now),
  };
}

function selectionOf(form: Form): Selection {
  switch (form.text("for")) {
    case "all":
      return "all";
    case "agents":
      return { agents: form.words("agents") as KeyId[] };
    default:
      return { labels: form.words("labels") };
  }
}

function scheduleOf(form: Form, now: number): Order["schedule"] {
  const [at, every] = [form.text("at"), form.text("every")];
  if (at === "" && every === "") return undefined;
  const begins = at === "" ? now : Date.parse(`${at}Z`);
  if (Number.isNaN(begins)) throw new HubError("bad_request", "Cannot read the time");
  if (every === "") return { at: instantOf(begins) };
  const everyMs = Number(every) * MINUTE_MS;
  if (!(everyMs >= MINUTE_MS)) {
    throw new HubError("bad_request", "Cannot repeat an order more often than every minute");
  }
  return { at: instantOf(begins), repeat: { everyMs } };
}

/** Shows the very file that is to be signed where the key is. */
async function signElsewherePage(
  c: ConsoleContext,
  request: OrderRequest,
  { lists, now }: Parts,
): Promise<Response> {
  const visitor = visitorOf(c);
  const { root } = await lists.root(visitor.tenant);
  const { script, input, select, expiresMs, schedule } = request;
  if (select === "all") {
    throw new HubError("bad_request", "Cannot sign elsewhere for all: name labels or agents");
  }
  const issued = now();
  const begins = schedule ? Math.max(issued, Date.parse(schedule.at)) : issued;
  const order = {
    id: crypto.randomUUID(),
    fleet: root.fleet,
    ...{ script, input: input ?? null, attachments: [], audience: select },
    issued: instantOf(issued),
    expires: instantOf(begins + expiresMs),
    ...(schedule && { schedule }),
  };
  return await show(c, {
    title: "Sign the order where the key is",
    body: <SignElsewhere order={canonicalText(order)} by={visitor} />,
  });
}
