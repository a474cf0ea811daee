import type { Finding } from "../yaml/policy_file.ts";
import { type Cidr, formatCidr, parseIp } from "./ip.ts";
import { unsafeAddress } from "./internal_ranges.ts";

/** `host:port` taken apart. `ip` is there when the host is an address and not a name. */
export interface NetAddress {
  /** In canonical spelling, IPv6 in brackets: what Deno is given. */
  readonly host: string;
  readonly port: number;
  readonly ip?: Cidr;
}

/** A host name, up to 253 characters of dotted labels, whose last is no number (that would be an address). */
const HOST_NAME =
  /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*(?!(?:[0-9]+|0x[0-9a-f]*)$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Ports to offer when one is missing, by the scheme of a URL. */
const LIKELY_PORTS: Record<string, number> = { http: 80, https: 443, ipp: 631, ipps: 631 };

/**
 * Reads one `host:port` of a grant.
 *
 * In order: a port from 1 to 65535 in plain digits; then the host is an IPv4 address, an IPv6
 * address in brackets, or a lower-case name; no wildcard, no block, no URL, no user part. Only the
 * one canonical spelling is taken (`127.1`, `0x7f000001` and `[::ffff:127.0.0.1]` are not), so that
 * what an admin reads is what Deno compares. Addresses nobody should be given lightly (metadata,
 * `0.0.0.0`, multicast) are refused with `needs_unsafe`.
 *
 * @returns the parts, or what is wrong.
 *
 * @example
 * ```ts
 * import { parseNetAddress } from "./address.ts";
 * import assert from "node:assert/strict";
 *
 * assert.ok("ok" in parseNetAddress("192.168.1.20:631"));
 * assert.ok("code" in parseNetAddress("192.168.1.20"));
 * assert.ok("code" in parseNetAddress("169.254.169.254:80"));
 * ```
 */
export function parseNetAddress(text: string): { ok: NetAddress } | Finding {
  const address = readAddress(text);
  if (!address) return malformed(text);
  const { host, port, ip } = address;
  if (!ip) return { ok: address };
  if (`${host}:${port}` !== text) {
    return {
      code: "bad_value",
      message: `must be written the usual way: got ${JSON.stringify(text)}`,
      hint: `did you mean "${host}:${port}"?`,
    };
  }
  const unsafe = unsafeAddress(ip);
  if (!unsafe) return { ok: address };
  return {
    code: "needs_unsafe",
    message: `must be an ordinary address, not one for ${unsafe}: got ${JSON.stringify(text)}`,
    hint: "give it under unsafe with a reason, if it must be",
  };
}

/** Takes the text apart; an address may still be written in an unusual way. */
function readAddress(text: string): NetAddress | undefined {
  const parts = /^(\[[^\]]*\]|[^:[\]]*):([1-9]\d{0,4})$/.exec(text);
  if (!parts || Number(parts[2]) > 65535) return undefined;
  const written = parts[1]!;
  const port = Number(parts[2]);
  const bracketed = written.startsWith("[");
  const ip = parseIp(bracketed ? written.slice(1, -1) : written);
  // Brackets are for IPv6 and its spelling of IPv4, and only for them.
  if (bracketed ? !ip || !written.includes(":") : !ip && !HOST_NAME.test(written)) return undefined;
  if (!ip) return { host: written, port };
  return { host: ip.bits === 32 ? formatCidr(ip) : `[${formatCidr(ip)}]`, port, ip };
}

function malformed(text: string): Finding {
  const got = `got ${JSON.stringify(text)}`;
  if (/^(\*\.[^:]*|[\d.]+\/\d+)(:\d+)?$/.test(text)) {
    return {
      code: "needs_unsafe",
      message: `must be "host:port" with one host: ${got}`,
      hint: "name each host, or give it under unsafe with a reason",
    };
  }
  const hint = suggest(text);
  return {
    code: "bad_value",
    message: `must be "host:port": ${got}`,
    hint: hint && `did you mean "${hint}"?`,
  };
}

/** The nearest well-formed `host:port`, for the mistakes people make. */
function suggest(text: string): string | undefined {
  const url = /^([a-z]+):\/\/(?:[^@/]*@)?([^/?#]+)/i.exec(text);
  const host = (url?.[2] ?? text).toLowerCase();
  const port = LIKELY_PORTS[url?.[1]?.toLowerCase() ?? ""] ?? LIKELY_PORTS.ipp;
  const candidates = parseIp(host)?.bits === 128
    ? [`[${host}]:${port}`]
    : [host, `${host}:${port}`];
  return candidates.find((candidate) => candidate !== text && readAddress(candidate));
}
