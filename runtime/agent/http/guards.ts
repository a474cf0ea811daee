import type { Context, MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { HttpRefusal } from "./refusal.ts";

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** Headers of every answer: nothing of it may be framed, sniffed or run by a browser. */
export function safeAnswers(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    referrerPolicy: "no-referrer",
    xFrameOptions: "DENY",
    // Plain HTTP on loopback.
    strictTransportSecurity: false,
  });
}

/**
 * Answers only to names that are ours. A page of an attacker whose host name suddenly resolves to
 * 127.0.0.1 (DNS rebinding) still sends its own name, as host and as origin.
 *
 * @param hosts Names and addresses, without port or brackets, that this agent has besides the loopback ones.
 */
export function knownHosts(hosts: readonly string[]): MiddlewareHandler {
  const written = (host: string) => host.includes(":") ? `[${host}]` : host.toLowerCase();
  const known = new Set([...LOOPBACK_NAMES, ...hosts.map(written)]);
  return async (c, next) => {
    const host = c.req.header("host") ?? new URL(c.req.url).host;
    if (!known.has(hostName(`http://${host}`))) throw new HttpRefusal("bad_host");
    const origin = c.req.header("origin");
    if (origin !== undefined && !known.has(hostName(origin))) throw new HttpRefusal("bad_origin");
    await next();
  };
}

/** Lets programs on this machine in: by the address the connection came from, unforwarded. */
export function localOnly(): MiddlewareHandler {
  return async (c, next) => {
    const { remoteAddr } = (c.env ?? {}) as Partial<Deno.ServeHandlerInfo>;
    const from = remoteAddr && "hostname" in remoteAddr ? remoteAddr.hostname : "";
    // An IPv4 address can arrive by an IPv6 socket.
    if (!/^(::1|(::ffff:)?127(\.\d{1,3}){3})$/.test(from)) throw new HttpRefusal("not_local");
    notForwarded(c);
    await next();
  };
}

/**
 * That no proxy forwarded a request, whatever the name of its header: who was forwarded is not on
 * this machine.
 *
 * @throws {HttpRefusal} not_local – one did
 */
export function notForwarded(c: Context): void {
  for (const name of ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"]) {
    if (c.req.header(name) !== undefined) throw new HttpRefusal("not_local");
  }
}

/** The host name of an origin, lower case, without port; empty for what is no origin. */
function hostName(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).hostname : "";
}
