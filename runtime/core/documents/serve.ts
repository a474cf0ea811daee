import * as v from "valibot";
import { countSchema } from "./common.ts";
import { unique } from "./unique.ts";

/** Who a script's own endpoint may answer. */
export const CALLERS = ["loopback", "peers", "public"] as const;
export type Caller = (typeof CALLERS)[number];

/** First segments of the agent's own paths, which no alias may take. */
export const OWN_PATHS = ["v1", "s", "healthz", "metrics", "openapi.json"];

/** A path that leads to a script's endpoint besides `/s/<publisher>/<name>`: `/ipp/print`, say. */
export const aliasSchema = v.pipe(
  v.string(),
  v.maxLength(200),
  v.regex(/^(\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/, 'must be a path like "/ipp/print"'),
  v.check(
    (path) => !OWN_PATHS.includes(path.split("/")[1]!),
    `must not begin with ${OWN_PATHS.map((path) => `/${path}`).join(", ")}`,
  ),
);

export const callersSchema = v.pipe(v.array(v.picklist(CALLERS)), unique("caller"));

/**
 * What a grant says about the script's own endpoint: whom it admits, and the bounds of one request.
 * A bare list of callers is the form of lists signed before there were others.
 */
export const serveSchema = v.union([
  v.array(v.picklist(CALLERS)),
  v.strictObject({
    allow: callersSchema,
    alias: v.optional(aliasSchema),
    /** Of a request. */
    bodyBytes: v.optional(countSchema(1)),
    /** In which no byte of either body moves. */
    idleMs: v.optional(countSchema(1)),
    /** From the request's head to the response's last byte. */
    wallMs: v.optional(countSchema(1)),
    /** Of this script at the same time. */
    requests: v.optional(countSchema(1)),
  }),
]);
export type Serve = v.InferOutput<typeof serveSchema>;

/** The alias of a script's endpoint, if it has one. */
export function aliasOf(serve: Serve | undefined): string | undefined {
  return serve === undefined || Array.isArray(serve) ? undefined : serve.alias;
}

/**
 * Every claim whose alias meets another: is the same, or lies above or below it, so that one path
 * fits both.
 *
 * @returns each with one that it meets, in the sequence of `claims`.
 */
export function meetingAliases<Claim extends { readonly alias: string }>(
  claims: readonly Claim[],
): [claim: Claim, other: Claim][] {
  // By path, so that ten thousand take no time.
  const having = Map.groupBy(claims, ({ alias }) => alias);
  const below = new Map<string, Claim>();
  for (const claim of claims) for (const path of pathsAbove(claim.alias)) below.set(path, claim);
  return claims.flatMap((claim): [Claim, Claim][] => {
    const { alias } = claim;
    const above = pathsAbove(alias).find((path) => having.has(path));
    const same = having.get(alias)!.find((other) => other !== claim);
    const other = same ?? (above && having.get(above)![0]) ?? below.get(alias);
    return other ? [[claim, other]] : [];
  });
}

function pathsAbove(alias: string): string[] {
  const segments = alias.split("/").slice(1);
  return segments.slice(1).map((_, i) => `/${segments.slice(0, i + 1).join("/")}`);
}

/** What holds for a script's endpoint, with nothing left open. */
export interface ServeSettings {
  readonly allow: readonly Caller[];
  readonly alias?: string;
  readonly bodyBytes: number;
  readonly idleMs: number;
  readonly wallMs: number;
  readonly requests: number;
}

/** What holds where a grant says nothing. */
export const DEFAULT_SERVE: Omit<ServeSettings, "allow" | "alias"> = {
  bodyBytes: 100_000_000,
  idleMs: 30_000,
  wallMs: 120_000,
  requests: 32,
};

/** Completes what a grant says; one that says nothing admits nobody. */
export function serveSettings(serve: Serve | undefined): ServeSettings {
  if (serve === undefined || Array.isArray(serve)) return { ...DEFAULT_SERVE, allow: serve ?? [] };
  const { allow, alias } = serve;
  return {
    allow,
    ...(alias !== undefined && { alias }),
    bodyBytes: serve.bodyBytes ?? DEFAULT_SERVE.bodyBytes,
    idleMs: serve.idleMs ?? DEFAULT_SERVE.idleMs,
    wallMs: serve.wallMs ?? DEFAULT_SERVE.wallMs,
    requests: serve.requests ?? DEFAULT_SERVE.requests,
  };
}
