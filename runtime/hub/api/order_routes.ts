import * as v from "valibot";
import { digestSchema, keyIdSchema, nameSchema } from "../../core/documents/common.ts";
import { orderSchema } from "../../core/documents/order.ts";
import { payloadType } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import { HubError } from "../errors.ts";
import { DELIVERY_STATES } from "../orders/order_record.ts";
import { type ApiRoute, pageQuery, route, wordQuery } from "./route.ts";

const { script, attachments, schedule, queueKey, idempotencyKey } = orderSchema.entries;

const selection = v.union([
  v.literal("all"),
  v.strictObject({ agents: v.pipe(v.array(keyIdSchema), v.minLength(1), v.maxLength(10_000)) }),
  v.strictObject({ labels: v.pipe(v.array(nameSchema), v.minLength(1), v.maxLength(64)) }),
]);

/** Orders, and the documents that come with them. */
export const ORDER_ROUTES: readonly ApiRoute[] = [
  route({
    method: "POST",
    path: "/orders",
    scope: "orders:write",
    about: "Orders by the hub's own key, where the root lists it under the orderers",
    body: v.strictObject({
      script,
      input: v.optional(v.unknown()),
      select: selection,
      expiresMs: v.pipe(v.number(), v.safeInteger(), v.minValue(1_000)),
      attachments: v.optional(attachments),
      schedule,
      queueKey,
      idempotencyKey,
    }),
    status: 202,
    handle: ({ services, tenant, who, body }) => services.orders.create(tenant, who, body),
  }),
  route({
    method: "POST",
    path: "/orders/signed",
    scope: "orders:write",
    about: "Takes an order that was signed elsewhere; its audience says whom it is for",
    plainBody: { type: payloadType("order"), maxBytes: LIMITS.ORDER_BYTES },
    status: 202,
    handle: ({ services, tenant, who, body }) => services.orders.send(tenant, who, body),
  }),
  route({
    method: "GET",
    path: "/orders",
    scope: "orders:read",
    about: "Orders, newest first",
    query: v.strictObject({
      ...pageQuery,
      script: wordQuery,
      only: v.optional(v.literal("scheduled")),
    }),
    handle: ({ services, tenant, query }) => services.orders.list(tenant, query),
  }),
  route({
    method: "GET",
    path: "/orders/:order",
    scope: "orders:read",
    about: "One order, and how far it is",
    handle: ({ services, tenant, params }) => services.orders.get(tenant, params.order!),
  }),
  route({
    method: "GET",
    path: "/orders/:order/deliveries",
    scope: "orders:read",
    about: "Where an order stands with each agent, and what came of it",
    query: v.strictObject({ ...pageQuery, state: v.optional(v.picklist(DELIVERY_STATES)) }),
    handle: ({ services, tenant, params, query }) =>
      services.orders.deliveries(tenant, params.order!, query),
  }),
  route({
    method: "GET",
    path: "/orders/:order/log",
    scope: "orders:read",
    about: "What happened in the runs of an order",
    query: v.strictObject({ ...pageQuery, agent: v.optional(keyIdSchema) }),
    handle: ({ services, tenant, params, query }) =>
      services.orders.log(tenant, params.order!, query),
  }),
  route({
    method: "GET",
    path: "/orders/:order/artefacts",
    scope: "orders:read",
    about: "Files that the runs of an order left",
    query: v.strictObject(pageQuery),
    handle: ({ services, tenant, params, query }) =>
      services.artefacts.list(tenant, params.order!, query),
  }),
  route({
    method: "GET",
    path: "/orders/:order/artefacts/:agent/:run/:name",
    scope: "orders:read",
    about: "One of these files, when all of it is there",
    handle: async ({ services, tenant, params, context }) => {
      const { order, agent, name } = params;
      const run = Number(/^\d{1,15}$/.exec(params.run!)?.[0] ?? 0);
      const file = await services.artefacts.read(tenant, order!, {
        agent: agent!,
        run,
        name: name!,
      });
      return context.body(file.stream(), 200, {
        "content-type": "application/octet-stream",
        "content-disposition": "attachment",
      });
    },
  }),
  route({
    method: "POST",
    path: "/orders/:order/cancel",
    scope: "orders:write",
    about: "Takes an order back, and ends its runs",
    handle: ({ services, tenant, who, params }) =>
      services.orders.cancel(tenant, who, params.order!),
  }),
  route({
    method: "PUT",
    path: "/blobs/:digest",
    scope: "orders:write",
    about: "Uploads a document of an order, a module or a source map",
    plainBody: { type: "application/octet-stream", streams: true },
    handle: async ({ services, tenant, params, body }) => {
      const digest = digestIn(params.digest!);
      return { digest, length: await services.content.put(tenant, digest, body) };
    },
  }),
];

function digestIn(text: string) {
  const result = v.safeParse(digestSchema, text);
  if (result.success) return result.output;
  throw new HubError("bad_request", "Cannot name content but by sha256: and 64 digits");
}
