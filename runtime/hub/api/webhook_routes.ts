import * as v from "valibot";
import { requireScope } from "../access/actor.ts";
import { type ApiRoute, route } from "./route.ts";

/** Addresses that are told what stands in the audit log. */
export const WEBHOOK_ROUTES: readonly ApiRoute[] = [
  route({
    method: "GET",
    path: "/webhooks",
    scope: "tokens:write",
    about: "Addresses that are told what happens, without their secrets",
    handle: async ({ services, tenant }) => ({ items: await services.webhooks.list(tenant) }),
  }),
  route({
    method: "POST",
    path: "/webhooks",
    scope: "tokens:write",
    about:
      "Tells an address what happens from now on; wants audit:read, too. Its secret is in this answer alone",
    body: v.strictObject({ url: v.pipe(v.string(), v.maxLength(2_000)) }),
    status: 201,
    handle: ({ services, actor, tenant, who, body }) => {
      // It is told what stands in the audit log.
      requireScope(actor, "audit:read");
      return services.webhooks.create(tenant, who, body.url);
    },
  }),
  route({
    method: "POST",
    path: "/webhooks/:webhook/test",
    scope: "tokens:write",
    about: "Sends an address one message at once, and says what went wrong, if anything did",
    handle: ({ services, tenant, who, params }) =>
      services.webhooks.test(tenant, who, params.webhook!),
  }),
  route({
    method: "DELETE",
    path: "/webhooks/:webhook",
    scope: "tokens:write",
    about: "Tells an address no more",
    status: 204,
    handle: ({ services, tenant, who, params }) =>
      services.webhooks.remove(tenant, who, params.webhook!),
  }),
];
