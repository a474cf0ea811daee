import * as v from "valibot";
import { nameSchema, scriptNameSchema } from "../../core/documents/common.ts";
import { payloadType } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import { versionSchema } from "../../core/semver_range.ts";
import { type ApiRoute, pageQuery, route } from "./route.ts";

const ring = v.strictObject({
  name: nameSchema,
  labels: v.optional(v.pipe(v.array(nameSchema), v.minLength(1), v.maxLength(64))),
  percent: v.optional(v.pipe(v.number(), v.minValue(0.01), v.maxValue(100))),
});
const span = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(30 * 24 * 3_600_000));

/** Which agents come one after another, and what they must show. */
const planEntries = {
  rings: v.optional(v.pipe(v.array(ring), v.minLength(1), v.maxLength(16))),
  gate: v.optional(v.strictObject({
    okPercent: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(100))),
    settleMs: v.optional(span),
    withinMs: v.optional(v.pipe(span, v.minValue(1_000))),
  })),
};

/** A plan in the address, where the body is a document. */
export const planQuery = v.optional(
  v.pipe(v.string(), v.maxLength(8_000), v.parseJson(), v.strictObject(planEntries)),
);

const VERBS = {
  pause: "No ring begins until it is resumed",
  resume: "Goes on; the ring in which it was halted begins anew",
  halt: "Stops it, and what the ring under way was ordered",
} as const;

/** Versions of scripts and accept-lists on their way, ring by ring. */
export const ROLLOUT_ROUTES: readonly ApiRoute[] = [
  route({
    method: "POST",
    path: "/rollouts",
    scope: "rollouts:write",
    also: "orders:write",
    about: "Has agents run a script's version ring by ring, by the hub's own key",
    body: v.strictObject({
      subject: v.strictObject({
        script: scriptNameSchema,
        version: versionSchema,
        before: v.nullable(versionSchema),
        input: v.unknown(),
      }),
      ...planEntries,
    }),
    status: 202,
    handle: ({ services, tenant, who, body }) => services.rollouts.create(tenant, who, body),
  }),
  route({
    method: "POST",
    path: "/releases",
    scope: "rollouts:write",
    about: "Takes a release that was signed, whose parts were uploaded, and has agents become it",
    query: v.strictObject({ plan: planQuery }),
    plainBody: { type: payloadType("release"), maxBytes: LIMITS.RELEASE_BYTES },
    status: 202,
    handle: ({ services, tenant, who, body, query }) =>
      services.rollouts.createForRelease(tenant, who, body, query.plan),
  }),
  route({
    method: "GET",
    path: "/releases",
    scope: "rollouts:read",
    about: "Releases of the agents' own program, newest first",
    query: v.strictObject(pageQuery),
    handle: ({ services, tenant, query }) => services.releases.list(tenant, query),
  }),
  route({
    method: "GET",
    path: "/releases/behind",
    scope: "rollouts:read",
    about: "Agents that do not run the newest release, by id",
    query: v.strictObject(pageQuery),
    handle: ({ services, tenant, query }) => services.releases.behind(tenant, query),
  }),
  route({
    method: "GET",
    path: "/rollouts",
    scope: "rollouts:read",
    about: "Rollouts, newest first",
    query: v.strictObject(pageQuery),
    handle: ({ services, tenant, query }) => services.rollouts.list(tenant, query),
  }),
  route({
    method: "GET",
    path: "/rollouts/:rollout",
    scope: "rollouts:read",
    about: "One rollout, and how its rings do",
    handle: ({ services, tenant, params }) => services.rollouts.get(tenant, params.rollout!),
  }),
  ...(["pause", "resume", "halt"] as const).map((verb) =>
    route({
      method: "POST",
      path: `/rollouts/:rollout/${verb}`,
      scope: "rollouts:write",
      about: VERBS[verb],
      handle: ({ services, tenant, who, params }) =>
        services.rollouts[verb](tenant, who, params.rollout!),
    })
  ),
  route({
    method: "POST",
    path: "/rollouts/:rollout/back",
    scope: "rollouts:write",
    also: "orders:write",
    about: "Has every agent that was reached run the version before",
    handle: ({ services, tenant, who, params }) =>
      services.rollouts.takeBack(tenant, who, params.rollout!),
  }),
];
