import * as v from "valibot";
import { payloadType } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import { notFound } from "../errors.ts";
import { textOf } from "../lists/carried_documents.ts";
import { signedDocuments } from "../lists/signed_documents.ts";
import { planQuery } from "./rollout_routes.ts";
import { type ApiRoute, route } from "./route.ts";

/** Roots and accept-lists of one request, in bytes. */
const SIGNED_BYTES = 3 * LIMITS.ACCEPTLIST_BYTES;

/** Whether a root may end the newest list. */
const aloneQuery = v.strictObject({ alone: v.optional(v.literal("true")) });

/** What the hub carries for those who sign: roots, accept-lists, scripts. */
export const LIST_ROUTES: readonly ApiRoute[] = [
  route({
    method: "GET",
    path: "/tenant",
    scope: "lists:read",
    about: "Whose token this is: the tenant, its fleet, its newest root",
    handle: async ({ services, tenant }) => {
      const { root, document } = await services.lists.root(tenant);
      const { version, epoch, expires } = root;
      const newest = { version, epoch, expires, digest: document.digest };
      return { ...await services.tenants.get(tenant), newestRoot: newest };
    },
  }),
  route({
    method: "GET",
    path: "/acceptlists",
    scope: "lists:read",
    about: "Every accept-list that was carried, newest first",
    handle: async ({ services, tenant }) => ({ items: await services.lists.history(tenant) }),
  }),
  route({
    method: "GET",
    path: "/acceptlists/newest",
    scope: "lists:read",
    about: "The newest accept-list, as it was signed",
    handle: async ({ services, tenant, context }) => {
      const newest = await services.lists.newest(tenant);
      if (!newest) throw notFound("an accept-list", tenant);
      return context.body(textOf(newest.envelope), 200, { "content-type": "application/json" });
    },
  }),
  route({
    method: "POST",
    path: "/acceptlists",
    scope: "lists:write",
    about: "Takes an accept-list that was signed, and carries it to every agent",
    plainBody: { type: payloadType("acceptlist"), maxBytes: LIMITS.ACCEPTLIST_BYTES },
    status: 201,
    handle: async ({ services, tenant, who, body }) => {
      const { epoch, version, digest } = await services.lists.put(tenant, who, body);
      return { epoch, version, digest };
    },
  }),
  route({
    method: "POST",
    path: "/acceptlists/rollout",
    scope: "rollouts:write",
    also: "lists:write",
    about: "Takes an accept-list that was signed, and tells agents of it ring by ring",
    query: v.strictObject({ plan: planQuery }),
    plainBody: { type: payloadType("acceptlist"), maxBytes: LIMITS.ACCEPTLIST_BYTES },
    status: 202,
    handle: ({ services, tenant, who, body, query }) =>
      services.rollouts.createForList(tenant, who, body, query.plan),
  }),
  route({
    method: "POST",
    path: "/acceptlists/diff",
    scope: "lists:read",
    about: "What would be different under another accept-list, by its payload",
    plainBody: { type: "application/json", maxBytes: LIMITS.ACCEPTLIST_BYTES },
    handle: async ({ services, tenant, body }) => ({
      changes: await services.lists.diff(tenant, body),
    }),
  }),
  route({
    method: "POST",
    path: "/roots",
    scope: "lists:write",
    about: "Takes the next root, and carries it to every agent; alone also one that ends the list",
    query: aloneQuery,
    plainBody: { type: payloadType("root"), maxBytes: LIMITS.ROOT_BYTES },
    status: 204,
    handle: ({ services, tenant, who, body, query }) =>
      services.lists.putRoot(tenant, who, body, query.alone === "true"),
  }),
  route({
    method: "POST",
    path: "/signed",
    scope: "lists:write",
    about: "Takes roots and accept-lists, one a line and in their order: all of them or none",
    query: aloneQuery,
    plainBody: { type: "application/x-ndjson", maxBytes: SIGNED_BYTES },
    status: 204,
    handle: ({ services, tenant, who, body, query }) =>
      services.lists.putTogether(tenant, who, signedDocuments(body), query.alone === "true"),
  }),
  route({
    method: "GET",
    path: "/scripts",
    scope: "lists:read",
    about: "Scripts that agents may fetch from the hub",
    handle: async ({ services, tenant }) => ({ items: await services.scripts.list(tenant) }),
  }),
  route({
    method: "GET",
    path: "/scripts/:publisher/:name/:version",
    scope: "lists:read",
    about: "The manifest of one version, as it was signed",
    handle: async ({ services, tenant, params, context }) => {
      const name = `${params.publisher}/${params.name}`;
      const { envelope } = await services.scripts.manifest(tenant, name, params.version!);
      return context.body(textOf(envelope), 200, { "content-type": "application/json" });
    },
  }),
  route({
    method: "POST",
    path: "/scripts",
    scope: "lists:write",
    about: "Publishes a script: a signed manifest, whose module was uploaded",
    plainBody: { type: payloadType("manifest"), maxBytes: LIMITS.MANIFEST_BYTES },
    status: 201,
    handle: ({ services, tenant, who, body }) => services.scripts.publish(tenant, who, body),
  }),
];
