import type { Digest } from "../../core/documents/common.ts";
import { isLoopback } from "../../core/loopback.ts";
import { messageOf } from "../errors.ts";
import { type Handler, type Listen, listen, type Listening } from "../listen.ts";
import type { Log } from "../log.ts";
import type { TlsIdentity } from "./tls_identity.ts";

/** How often is looked whether a new certificate is due. */
const CHECK_MS = 12 * 3_600_000;

/** What {@linkcode secure} works with. */
export interface SecureOptions {
  address: Listen;
  /** Names without port by which others reach the agent. */
  hosts: readonly string[];
  /** A certificate that the operator brought; default: one of the agent's own, off loopback. */
  brought?: { cert: string; key: string };
  /** Where the agent's own certificates are kept. */
  folder: string;
  now(): number;
  log: Log;
}

/** A server, and what may be pinned of it. */
export interface SecureListening extends Listening {
  /** Looks now whether a new certificate is due. */
  renewIfDue(): Promise<void>;
}

/** The certificate that vouches for an agent. */
export interface Authority {
  readonly pem: string;
  readonly digest: Digest;
}

/** What a server shows; made before it listens, since its answers tell of it. */
export interface Secured {
  /** Absent on loopback, and with a certificate that the operator brought. */
  readonly authority?: Authority;
  serve(handler: Handler): SecureListening;
}

/**
 * Makes ready to serve: plain HTTP on loopback, TLS everywhere else and with a certificate that
 * was brought. A certificate is replaced while the agent runs, before it is over.
 *
 * @throws {AgentError} key_unreadable, disk_full, state_unreadable – there is no certificate.
 */
export async function secure(options: SecureOptions): Promise<Secured> {
  const { address, brought, log } = options;
  if (!brought && isLoopback(address.hostname)) {
    return {
      serve: (handler) => ({
        ...listen(address, handler, { log }),
        renewIfDue: () => Promise.resolve(),
      }),
    };
  }
  let identity = await makeIdentity(options);
  const { ca, caDigest } = identity;
  const serve = (handler: Handler): SecureListening => {
    const server = listen(address, handler, { tls: identity, log });
    const renewIfDue = async () => {
      const next = await makeIdentity(options);
      if (next.cert === identity.cert) return;
      await server.renew(identity = next);
      log("info", "certificate renewed", { until: new Date(next.expires).toISOString() });
    };
    const timer = setInterval(() => {
      renewIfDue().catch((error) =>
        log("error", "certificate not renewed", { error: messageOf(error) })
      );
    }, CHECK_MS);
    Deno.unrefTimer(timer);
    const stop = (graceMs: number) => {
      clearInterval(timer);
      return server.stop(graceMs);
    };
    return { ...server, stop, renewIfDue };
  };
  return { ...(ca && caDigest && { authority: { pem: ca, digest: caDigest } }), serve };
}

async function makeIdentity(options: SecureOptions): Promise<TlsIdentity> {
  const { address, hosts, brought, folder, now } = options;
  const { broughtTls, ownTls } = await import("./tls_identity.ts");
  if (brought) return await broughtTls(brought, now());
  const wildcard = address.hostname === "0.0.0.0" || address.hostname === "::";
  const near = ["localhost", "127.0.0.1", "::1"];
  const names = new Set([...near, ...wildcard ? [] : [address.hostname], ...hosts]);
  return await ownTls(folder, [...names], now());
}
