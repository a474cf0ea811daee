import { LOOPBACK_NAMES } from "../core/loopback.ts";

/** What proxies add, whatever else they are called. */
const FORWARDED = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/** The token that a request shows, if any; not looked up yet. */
export function bearerToken(headers: Headers): string | undefined {
  return /^Bearer ([\w-]{1,100})$/.exec(headers.get("authorization") ?? "")?.[1];
}

/** Whether a proxy passed a request on: who sent it is then not on this machine. */
export function wasForwarded(headers: Headers): boolean {
  return FORWARDED.some((name) => headers.has(name));
}

/**
 * The names by which an agent is known, as URLs write them.
 *
 * @param hosts Names and addresses, without port or brackets, besides the loopback ones.
 */
export function knownNames(hosts: readonly string[]): ReadonlySet<string> {
  const written = (host: string) => host.includes(":") ? `[${host}]` : host.toLowerCase();
  return new Set([...LOOPBACK_NAMES, ...hosts.map(written)]);
}

/** The name in an origin, lower case, without port; empty for what is no origin. */
export function nameOf(origin: string): string {
  return URL.parse(origin)?.hostname ?? "";
}
