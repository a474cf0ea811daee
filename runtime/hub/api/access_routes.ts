import * as v from "valibot";
import { SCOPES } from "../access/actor.ts";
import { HubError } from "../errors.ts";
import { type ApiRoute, pageQuery, route, timeQuery, wordQuery } from "./route.ts";

/** Tokens for programs, and the audit log. */
export const ACCESS_ROUTES: readonly ApiRoute[] = [
  route({
    method: "GET",
    path: "/tokens",
    scope: "tokens:write",
    about: "Tokens for programs, without their texts",
    handle: async ({ services, tenant }) => ({ items: await services.tokens.list(tenant) }),
  }),
  route({
    method: "POST",
    path: "/tokens",
    scope: "tokens:write",
    about: "Makes a token with scopes that this one has, too, for a year at most",
    body: v.strictObject({
      name: v.pipe(v.string(), v.maxLength(64)),
      scopes: v.pipe(v.array(v.picklist(SCOPES)), v.minLength(1)),
      expiresMs: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1_000))),
    }),
    status: 201,
    handle: async ({ services, actor, tenant, who, body }) => {
      const beyond = body.scopes.find((scope) => !actor.scopes.has(scope));
      if (beyond === undefined) {
        return await services.tokens.create(tenant, who, { ...body, maker: actor });
      }
      throw new HubError("forbidden", `Cannot give away the scope ${beyond}, which ${who} lacks`);
    },
  }),
  route({
    method: "DELETE",
    path: "/tokens/:token",
    scope: "tokens:write",
    about: "Makes a token worthless",
    status: 204,
    handle: ({ services, tenant, who, params }) =>
      services.tokens.revoke(tenant, who, params.token!),
  }),
  route({
    method: "GET",
    path: "/audit",
    scope: "audit:read",
    about: "Who did what, newest first",
    query: v.strictObject({
      ...pageQuery,
      who: wordQuery,
      action: wordQuery,
      subject: wordQuery,
      from: timeQuery,
      to: timeQuery,
    }),
    handle: ({ services, tenant, query }) => services.audit.list(tenant, query),
  }),
];
