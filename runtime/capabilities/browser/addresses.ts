import { lookup } from "node:dns/promises";
import { reachOf } from "../../policy/mod.ts";
import { internalSite, type Sites } from "./sites.ts";

/** Finds the addresses of a name, as the programs of this machine do. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** The machine's own resolver. */
export const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * The address to connect to for a host and port. What is asked of the resolver here is what is
 * connected to: a name that leads elsewhere a moment later changes nothing.
 *
 * @param host A name, or an address without brackets.
 * @returns nothing when all of them lie inside this network and the grant does not give that
 */
export async function permittedAddress(
  sites: Sites,
  host: string,
  port: number,
  resolve: Resolve,
): Promise<string | undefined> {
  const reach = reachOf(host);
  const site = internalSite(sites, host, port);
  // An address that is written out in the grant is what its admin meant, whatever it is.
  if (reach !== "name") return reach === "public" || site !== undefined ? host : undefined;
  for (const address of await resolve(host)) {
    const found = reachOf(address);
    if (found === "public" || (found === "internal" && site !== undefined)) return address;
  }
  return undefined;
}
