import { type Cidr, contains, parseCidr, parseIp } from "./ip.ts";

/**
 * What it takes to reach a range: `internal: true` beside a name that resolves there, the address
 * itself written in the grant, or the word `unsafe`.
 */
export type Reach = "internal" | "address" | "unsafe";

/** A block of addresses that a script must not reach by a name that happens to resolve there. */
export interface InternalRange {
  readonly block: Cidr;
  readonly what: string;
  readonly reach: Reach;
}

/**
 * Addresses that are never what an admin meant by the name of some host.
 *
 * @see RFC 6890, "Special-Purpose IP Address Registries"
 */
export const INTERNAL_RANGES: readonly InternalRange[] = [
  range("127.0.0.0/8", "loopback", "internal"),
  range("10.0.0.0/8", "private", "internal"),
  range("172.16.0.0/12", "private", "internal"),
  range("192.168.0.0/16", "private", "internal"),
  range("100.64.0.0/10", "carrier-grade NAT", "internal"),
  range("198.18.0.0/15", "benchmarking", "internal"),
  range("::1", "loopback", "internal"),
  range("fc00::/7", "unique local", "internal"),
  range("fec0::/10", "site-local", "internal"),
  range("169.254.0.0/16", "link-local", "address"),
  range("fe80::/10", "link-local", "address"),
  // Linux connects `0.0.0.0` and `::` to loopback, and listens there for everybody.
  range("0.0.0.0/8", "this host", "unsafe"),
  range("::", "this host", "unsafe"),
  // What clouds tell a machine about itself, credentials included.
  range("169.254.169.254", "cloud metadata", "unsafe"),
  range("100.100.100.200", "cloud metadata", "unsafe"),
  range("168.63.129.16", "cloud metadata", "unsafe"),
  range("192.0.0.0/24", "protocol assignments and cloud metadata", "unsafe"),
  range("fd00:ec2::254", "cloud metadata", "unsafe"),
  range("fd20:ce::254", "cloud metadata", "unsafe"),
  range("224.0.0.0/4", "multicast", "unsafe"),
  range("ff00::/8", "multicast", "unsafe"),
  range("240.0.0.0/4", "reserved and broadcast", "unsafe"),
  // Spellings in which any IPv4 address above could hide.
  range("64:ff9b::/96", "NAT64", "unsafe"),
  range("64:ff9b:1::/48", "NAT64", "unsafe"),
  range("2002::/16", "6to4", "unsafe"),
  range("2001::/32", "Teredo", "unsafe"),
];

/** What an address is that can be granted under `unsafe` only; `undefined` for all others. */
export function unsafeAddress(address: Cidr): string | undefined {
  return INTERNAL_RANGES.find((range) => range.reach === "unsafe" && contains(range.block, address))
    ?.what;
}

function range(text: string, what: string, reach: Reach): InternalRange {
  return { block: parseCidr(text)!, what, reach };
}

/** What kind of address a text is, or that it is none: a name. */
export function reachOf(text: string): Reach | "public" | "name" {
  const address = parseIp(text);
  if (!address) return "name";
  const ranges = INTERNAL_RANGES.filter(({ block }) => contains(block, address));
  const reaches = ranges.map(({ reach }) => reach);
  return (["unsafe", "address", "internal"] as const).find((reach) => reaches.includes(reach)) ??
    "public";
}
