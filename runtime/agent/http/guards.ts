import type { Context, MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { isFromLoopback } from "../../core/loopback.ts";
import { knownNames, nameOf, wasForwarded } from "../request_marks.ts";
import { HttpRefusal } from "./refusal.ts";

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
  const known = knownNames(hosts);
  return async (c, next) => {
    const host = c.req.header("host") ?? new URL(c.req.url).host;
    if (!known.has(nameOf(`http://${host}`))) throw new HttpRefusal("bad_host");
    const origin = c.req.header("origin");
    if (origin !== undefined && !known.has(nameOf(origin))) throw new HttpRefusal("bad_origin");
    await next();
  };
}

/** Lets programs on this machine in: by the address the connection came from, unforwarded. */
export function localOnly(): MiddlewareHandler {
  return async (c, next) => {
    const { remoteAddr } = (c.env ?? {}) as Partial<Deno.ServeHandlerInfo>;
    const from = remoteAddr && "hostname" in remoteAddr ? remoteAddr.hostname : "";
    if (!isFromLoopback(from)) throw new HttpRefusal("not_local");
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
  if (wasForwarded(c.req.raw.headers)) throw new HttpRefusal("not_local");
}
