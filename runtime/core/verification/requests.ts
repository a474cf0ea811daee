import { type Ceiling, type Grant, type Limits, LIVES } from "../documents/grant.ts";
import type { Manifest } from "../documents/manifest.ts";
import { VerificationError } from "../errors.ts";
import { coversRequest, firstUncovered } from "../permission_subset.ts";
import { type ServiceBeyond, servicesBeyond } from "../service_subset.ts";
import { scriptNameOf } from "./manifest.ts";

/**
 * Requires that the manifest asks for no more than the grant gives, and the grant gives no more
 * than the ceiling allows: permissions, capabilities, life, limits, callers.
 *
 * What a script does not ask for is no reason to refuse it, and what it gets is the grant.
 *
 * @throws {VerificationError} request_beyond_grant – when the manifest asks for more
 * @throws {VerificationError} grant_beyond_ceiling – when the grant gives more
 */
export function checkRequests(manifest: Manifest, grant: Grant, ceiling: Ceiling): void {
  requireWithinGrant(manifest, grant);
  requireWithinCeiling(grant, ceiling);
}

/**
 * The second half of {@linkcode checkRequests}, which needs no manifest: a policy is checked by it
 * when it is loaded.
 *
 * @throws {VerificationError} grant_beyond_ceiling – when the grant gives more
 */
export function requireWithinCeiling(grant: Grant, ceiling: Ceiling): void {
  const found = firstUncovered(grant.permissions, ceiling.permissions) ??
    firstAbove(grant.limits, ceiling.limits) ??
    servicesBeyond(grant, ceiling).map(serviceWords)[0];
  if (found === undefined) return;
  throw new VerificationError(
    "grant_beyond_ceiling",
    `Cannot grant "${grant.script}" more than this node's ceiling allows: ${found}`,
  );
}

function serviceWords(beyond: ServiceBeyond): string {
  if ("caller" in beyond) return `serve ${beyond.caller}`;
  const quota = "asked" in beyond ? ` of ${beyond.asked} bytes` : "";
  return `capability ${beyond.capability}${quota}`;
}

function requireWithinGrant(manifest: Manifest, grant: Grant): void {
  const found = firstRequestBeyond(manifest, grant);
  if (found === undefined) return;
  throw new VerificationError(
    "request_beyond_grant",
    `Cannot run "${scriptNameOf(manifest)}" ${manifest.version} as it asks for more than its ` +
      `grant gives: ${found}`,
  );
}

function firstRequestBeyond(manifest: Manifest, grant: Grant): string | undefined {
  const request = manifest.requests.find((asked) => !coversRequest(grant.permissions, asked));
  if (request) return `${request.permission} ${JSON.stringify(request.value ?? "any")}`;
  const capability = manifest.capabilities.find((name) => grant.capabilities?.[name] === undefined);
  if (capability) return `capability ${capability}`;
  if (LIVES.indexOf(manifest.life) > LIVES.indexOf(grant.life ?? "fresh")) {
    return `life ${manifest.life}`;
  }
  return firstAbove(manifest.limits ?? {}, grant.limits);
}

/** Written so that a bound that is missing or not a number is exceeded. */
function firstAbove(
  asked: { readonly [K in keyof Limits]?: number | undefined },
  bound: Limits,
): string | undefined {
  for (const name of Object.keys(asked) as (keyof Limits)[]) {
    const value = asked[name];
    if (value !== undefined && !(value <= bound[name])) return `limit ${name} ${value}`;
  }
  return undefined;
}
