import { type Cidr, contains, formatCidr, subtract } from "./ip.ts";
import { INTERNAL_RANGES } from "./internal_ranges.ts";
import type { NetAddress } from "./address.ts";

/** A grant of `net` with its address taken apart. */
export interface NetGrant extends NetAddress {
  /** The name may resolve to private and loopback addresses. */
  readonly internal: boolean;
}

/** Addresses kept from the cell: on every port, or on one. */
export interface NetDeny {
  readonly block: Cidr;
  readonly port?: number;
}

/**
 * Works out what must be denied so that granted names cannot be resolved to internal addresses.
 *
 * For `net`, Deno lets no specific allow beat a deny, so granted addresses are cut out of the
 * internal ranges, and the liftable ranges are left out when a name is `internal`. What was cut
 * out for one grant is then denied again on the ports of the names it was not meant for: with
 * `127.0.0.1:631` and `example.com:443` granted, `example.com` cannot be pointed at
 * `127.0.0.1:443`.
 *
 * @returns nothing when nothing is granted: then Deno refuses all of net anyway.
 */
export function netDenyList(grants: readonly NetGrant[]): NetDeny[] {
  if (grants.length === 0) return [];
  const addresses = grants.flatMap((g) => g.ip ? [{ ip: g.ip, port: g.port }] : []);
  const names = grants.filter((g) => !g.ip);
  const lifts = names.some((g) => g.internal);
  const denies: NetDeny[] = INTERNAL_RANGES
    .filter((range) => !(range.reach === "internal" && lifts))
    .flatMap((range) => without(range.block, addresses.map((a) => a.ip)))
    .map((block) => ({ block }));
  for (const port of new Set(names.map((g) => g.port))) {
    const granted = addresses.filter((a) => a.port === port).map((a) => a.ip);
    const open = names.some((g) => g.port === port && g.internal);
    const missing = INTERNAL_RANGES
      .filter((range) => !(range.reach === "internal" && open))
      .flatMap((range) => without(range.block, granted));
    for (const block of missing) {
      const rest = denies.filter((d) => d.port === undefined).reduce(
        (left, d) => left.flatMap((b) => subtract(b, d.block)),
        [block],
      );
      denies.push(...rest.map((b) => ({ block: b, port })));
    }
  }
  return tidy(denies);
}

/** IPv6 addresses that are a range of their own, as opposed to what splitting a block left over. */
const SINGLE_IPV6: ReadonlySet<string> = new Set(
  INTERNAL_RANGES.map((range) => range.block).filter((b) => b.prefix === 128).map(formatCidr),
);

/**
 * The value of Deno's `--deny-net` for a list: blocks of IPv4, single IPv6 addresses.
 *
 * Deno 2.9.6 reads no IPv6 block (its parser takes the first colon for the port's). Names are kept
 * from those by the cell, which asks for IPv4 addresses only.
 */
export function denyNetValues(denies: readonly NetDeny[]): string[] {
  return denies
    .filter(({ block }) => block.bits === 32 || SINGLE_IPV6.has(formatCidr(block)))
    .map(({ block, port }) => {
      const host = block.bits === 128 ? `[${formatCidr(block)}]` : formatCidr(block);
      return port === undefined ? host : `${host}:${port}`;
    });
}

function without(block: Cidr, holes: readonly Cidr[]): Cidr[] {
  return holes.reduce((left, hole) => left.flatMap((b) => subtract(b, hole)), [block]);
}

/** Drops single addresses and blocks that another entry for the same port holds already. */
function tidy(denies: readonly NetDeny[]): NetDeny[] {
  return denies.filter((d, i) =>
    !denies.some((other, j) =>
      i !== j && (other.port === undefined || other.port === d.port) &&
      contains(other.block, d.block) &&
      (other.block.prefix < d.block.prefix || j < i) &&
      // Metadata stays spelt out beside an IPv6 block, which Deno cannot be told.
      !(d.block.bits === 128 && d.block.prefix === 128)
    )
  );
}
