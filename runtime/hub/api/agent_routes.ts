import * as v from "valibot";
import { keyIdSchema, nameSchema } from "../../core/documents/common.ts";
import { HUB_LIMITS } from "../limits.ts";
import { type ApiRoute, pageQuery, route, wordQuery } from "./route.ts";

const labels = v.pipe(v.array(nameSchema), v.maxLength(HUB_LIMITS.LABELS));

/** Agents, and the tokens by which machines become some. */
export const AGENT_ROUTES: readonly ApiRoute[] = [
  route({
    method: "GET",
    path: "/overview",
    scope: "agents:read",
    about: "How many agents there are, and of which kinds",
    handle: ({ services, tenant }) => services.agents.overview(tenant),
  }),
  route({
    method: "GET",
    path: "/agents",
    scope: "agents:read",
    about: "Agents, by id",
    query: v.strictObject({
      ...pageQuery,
      standing: v.optional(v.picklist(["pending", "approved", "revoked"])),
      presence: v.optional(v.picklist(["online", "late", "offline", "never"])),
      label: wordQuery,
      version: wordQuery,
      deno: wordQuery,
      search: wordQuery,
    }),
    handle: ({ services, tenant, query }) => services.agents.list(tenant, query),
  }),
  route({
    method: "GET",
    path: "/agents/:agent",
    scope: "agents:read",
    about: "One agent, with its facts",
    handle: ({ services, tenant, params }) => services.agents.get(tenant, params.agent!),
  }),
  route({
    method: "GET",
    path: "/agents/:agent/deliveries",
    scope: "orders:read",
    about: "What an agent was ordered, newest first",
    query: v.strictObject(pageQuery),
    handle: async ({ services, tenant, params, query }) => {
      await services.agents.get(tenant, params.agent!);
      return await services.orders.ofAgent(tenant, params.agent!, query);
    },
  }),
  route({
    method: "GET",
    path: "/agents/:agent/events",
    scope: "agents:read",
    about: "What scripts of an agent told of its machine, newest first",
    query: v.strictObject(pageQuery),
    handle: ({ services, tenant, params, query }) =>
      services.scriptEvents.list(tenant, params.agent!, query),
  }),
  route({
    method: "POST",
    path: "/agents/:agent/approve",
    scope: "agents:write",
    about: "Takes an agent that waits into the fleet, also in the place of another",
    body: v.strictObject({ labels: v.optional(labels), replaces: v.optional(keyIdSchema) }),
    handle: async ({ services, tenant, who, params, body }) => {
      await services.agents.approve(tenant, who, params.agent!, body);
      return await services.agents.get(tenant, params.agent!);
    },
  }),
  route({
    method: "POST",
    path: "/agents/:agent/revoke",
    scope: "agents:write",
    about: "Ends an agent's part in the fleet, as far as the hub goes",
    body: v.strictObject({ reason: v.pipe(v.string(), v.minLength(1), v.maxLength(500)) }),
    handle: async ({ services, tenant, who, params, body }) => {
      await services.agents.revoke(tenant, who, params.agent!, body.reason);
      return await services.agents.get(tenant, params.agent!);
    },
  }),
  route({
    method: "PUT",
    path: "/agents/:agent/labels",
    scope: "agents:write",
    about: "Gives an agent these labels of the hub's, and no others",
    body: v.strictObject({ labels }),
    handle: async ({ services, tenant, who, params, body }) => {
      await services.agents.setLabels(tenant, who, params.agent!, body.labels);
      return await services.agents.get(tenant, params.agent!);
    },
  }),
  route({
    method: "PUT",
    path: "/agents/:agent/name",
    scope: "agents:write",
    about: "Gives an agent another name",
    body: v.strictObject({ name: v.pipe(v.string(), v.minLength(1), v.maxLength(64)) }),
    handle: async ({ services, tenant, who, params, body }) => {
      await services.agents.rename(tenant, who, params.agent!, body.name);
      return await services.agents.get(tenant, params.agent!);
    },
  }),
  route({
    method: "POST",
    path: "/enrol-tokens",
    scope: "agents:write",
    about: "Makes a token for one machine; its text is in this answer and nowhere else",
    body: v.strictObject({
      expiresMs: v.pipe(v.number(), v.safeInteger(), v.minValue(1_000)),
      approved: v.optional(v.boolean()),
      labels: v.optional(labels),
      replaces: v.optional(keyIdSchema),
    }),
    status: 201,
    handle: ({ services, tenant, who, body }) => services.enrolment.create(tenant, who, body),
  }),
  route({
    method: "GET",
    path: "/enrol-tokens",
    scope: "agents:read",
    about: "Tokens for machines, newest first",
    query: v.strictObject(pageQuery),
    handle: ({ services, tenant, query }) => services.enrolment.list(tenant, query),
  }),
  route({
    method: "DELETE",
    path: "/enrol-tokens/:token",
    scope: "agents:write",
    about: "Makes a token worthless",
    status: 204,
    handle: ({ services, tenant, who, params }) =>
      services.enrolment.revoke(tenant, who, params.token!),
  }),
];
