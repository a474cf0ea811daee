import * as v from "valibot";
import { payloadType } from "../../core/dsse.ts";
import {
  acknowledgementSchema,
  auditSchema,
  blobSchema,
  cancelledSchema,
  healthSchema,
  infoSchema,
  missingSchema,
  pendingSchema,
  policySchema,
  publishedSchema,
  releasesSchema,
  reloadedSchema,
  runSchema,
  runsSchema,
  takenReleaseSchema,
  versionsSchema,
} from "./answers.ts";
import { BYTES, count, DOCUMENT, json } from "./contents.ts";
import { PEER_ROUTES } from "./peer_route_table.ts";
import type { Content, Route } from "./route.ts";

const EVENTS: Content = { type: "text/event-stream" };
const ORDER: Content = { type: payloadType("order") };
const RELEASE: Content = { type: payloadType("release") };

/**
 * Every route of the agent's own, and who may call it. The guards in front of the handlers, the
 * tables in the documents, `/openapi.json` and the tests that drive every route are made of this;
 * the agent does not start with a route that is not in it. Scripts' endpoints below `/s/` have
 * rules of their own, in their grants.
 */
export const ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/healthz",
    callers: ["public"],
    about: "Tells that the agent is there",
    answers: { 200: json(healthSchema) },
  },
  {
    method: "GET",
    path: "/openapi.json",
    callers: ["public"],
    about: "This interface, as OpenAPI 3.1",
    answers: { 200: DOCUMENT },
  },
  {
    method: "GET",
    path: "/metrics",
    callers: ["local"],
    about: "Figures for a scraper on this machine",
    answers: { 200: { type: "text/plain" } },
  },
  {
    method: "GET",
    path: "/v1/info",
    callers: ["public"],
    about: "Who the agent is",
    answers: { 200: json(infoSchema) },
  },
  {
    method: "GET",
    path: "/v1/ca",
    callers: ["public"],
    about: "The certificate behind the agent's TLS; its digest is what others pin",
    answers: { 200: { type: "application/x-pem-file" } },
  },
  {
    method: "GET",
    path: "/v1/modules/:hex",
    callers: ["public"],
    about: "A module that ran here, by the hexadecimal digits of its SHA-256",
    answers: { 200: BYTES },
  },
  {
    method: "GET",
    path: "/v1/manifests/:publisher/:name/:file",
    callers: ["public"],
    about: "A signed manifest, <version>.json, or index.json with the list of versions",
    answers: { 200: json(v.union([versionsSchema, v.looseObject({ payload: v.string() })])) },
  },
  {
    method: "PUT",
    path: "/v1/modules/:hex",
    callers: ["operator"],
    about: "Uploads a module, or its source map, ahead of its manifest",
    body: BYTES,
    answers: { 200: json(blobSchema), 201: json(blobSchema) },
  },
  {
    method: "POST",
    path: "/v1/manifests",
    callers: ["operator"],
    about: "Publishes a script here: a manifest that a publisher of the policy signed",
    body: { type: payloadType("manifest") },
    answers: { 200: json(publishedSchema), 201: json(publishedSchema) },
  },
  {
    method: "GET",
    path: "/v1/roots/:version",
    callers: ["public"],
    about: "A signed root",
    answers: { 200: DOCUMENT },
  },
  {
    method: "GET",
    path: "/v1/acceptlists/:version",
    callers: ["operator", "peer"],
    about: "A signed accept-list; `newest?epoch=E&version=V` is the newest after that one",
    answers: { 200: DOCUMENT },
  },
  {
    method: "POST",
    path: "/v1/orders",
    callers: ["public"],
    about: "Takes an order, whose own signature says who asks; 202 when it is on disk",
    body: ORDER,
    answers: { 202: json(acknowledgementSchema) },
  },
  {
    method: "POST",
    path: "/v1/attachments",
    callers: ["operator", "orderer"],
    about: "Verifies an order without taking it, and lets its orderer upload what is missing",
    body: ORDER,
    answers: { 200: json(missingSchema) },
  },
  {
    method: "GET",
    path: "/v1/blobs/:digest",
    callers: ["operator"],
    about: "A document that was uploaded",
    answers: { 200: BYTES },
  },
  {
    method: "PUT",
    path: "/v1/blobs/:digest",
    callers: ["operator", "orderer"],
    about: "Uploads a document; an orderer one that an order of its own is missing",
    body: BYTES,
    answers: { 200: json(blobSchema), 201: json(blobSchema) },
  },
  {
    method: "GET",
    path: "/v1/runs",
    callers: ["operator", "orderer"],
    about: "The last runs, newest first; an orderer's own",
    query: { limit: v.optional(count), before: v.optional(count) },
    answers: { 200: json(runsSchema) },
  },
  {
    method: "GET",
    path: "/v1/runs/:id",
    callers: ["operator", "orderer"],
    about: "One run",
    answers: { 200: json(runSchema) },
  },
  {
    method: "GET",
    path: "/v1/runs/:id/events",
    callers: ["operator", "orderer"],
    about: "What happens in a run, as it happens; goes on after Last-Event-ID or ?after",
    query: { after: v.optional(count) },
    answers: { 200: EVENTS },
  },
  {
    method: "POST",
    path: "/v1/runs/:id/cancel",
    callers: ["operator", "orderer"],
    about: "Ends a run early",
    answers: { 200: json(cancelledSchema), 202: json(cancelledSchema) },
  },
  {
    method: "GET",
    path: "/v1/audit",
    callers: ["operator"],
    about: "Rows of the audit log and its signed end",
    query: { limit: v.optional(count), after: v.optional(count) },
    answers: { 200: json(auditSchema) },
  },
  {
    method: "GET",
    path: "/v1/policy",
    callers: ["operator"],
    about: "The policy in force",
    answers: { 200: json(policySchema) },
  },
  {
    method: "GET",
    path: "/v1/policy/pending",
    callers: ["operator"],
    about: "What audit mode would have refused",
    answers: { 200: json(pendingSchema) },
  },
  {
    method: "POST",
    path: "/v1/policy/reload",
    callers: ["operator"],
    about: "Loads the policy anew; a mistake leaves the old one in force",
    answers: { 200: json(reloadedSchema) },
  },
  {
    method: "GET",
    path: "/v1/releases",
    callers: ["operator"],
    about: "Which release this agent is, and which others it knows",
    answers: { 200: json(releasesSchema) },
  },
  {
    method: "POST",
    path: "/v1/releases",
    callers: ["operator"],
    about: "Has the agent become another release, which its signers must have signed",
    body: RELEASE,
    answers: { 202: json(takenReleaseSchema) },
  },
  {
    method: "POST",
    path: "/v1/releases/back",
    callers: ["operator"],
    about: "Has the agent become the release before this one",
    answers: { 202: json(releasesSchema) },
  },
  ...PEER_ROUTES,
];
