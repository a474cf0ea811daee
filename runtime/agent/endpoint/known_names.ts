const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** Whether a request was meant for this agent, and comes from no page of somebody else. */
export type NameCheck = (request: Request, mount: string) => boolean;

/**
 * Checks the names in a request against those of this agent.
 *
 * The host must be one of them, as in front of every other route. So must an origin; but a page of
 * a script has none of its own, since its answers are sandboxed. Browsers then send `null`, as they
 * do for sandboxed pages of anybody. Such a request passes only when its `Referer`, which no page
 * can forge, lies below the very script it asks.
 *
 * @param hosts Names and addresses, without port or brackets, besides the loopback ones.
 */
export function nameCheck(hosts: readonly string[]): NameCheck {
  const written = (host: string) => host.includes(":") ? `[${host}]` : host.toLowerCase();
  const known = new Set([...LOOPBACK_NAMES, ...hosts.map(written)]);
  return ({ headers, url }, mount) => {
    const host = headers.get("host") ?? new URL(url).host;
    if (!known.has(URL.parse(`http://${host}`)?.hostname ?? "")) return false;
    const origin = headers.get("origin");
    if (origin === null) return true;
    if (origin !== "null") return known.has(URL.parse(origin)?.hostname ?? "");
    const referer = URL.parse(headers.get("referer") ?? "");
    return referer !== null && referer.host === host &&
      (referer.pathname === mount || referer.pathname.startsWith(`${mount}/`));
  };
}
