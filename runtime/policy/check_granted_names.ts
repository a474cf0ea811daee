import type { Permissions } from "../core/documents/grant.ts";
import { parseNetAddress } from "./net/address.ts";
import { internalRangeOf } from "./net/internal_ranges.ts";
import { parseIp } from "./net/ip.ts";

/** A granted name that leads where the grant does not say it may. */
export interface NameProblem {
  /** `host:port` as granted. */
  readonly address: string;
  readonly code: "internal_address";
  readonly message: string;
}

/**
 * Looks at where granted names lead right now. Deno refuses internal IPv4 addresses by itself, at
 * every connection; it can be told of no IPv6 range, so an agent asks this before a run. A name
 * that changes to an internal IPv6 address during the run is not caught by it.
 *
 * A name that does not resolve is no problem here: the script will see that.
 *
 * @param resolve answers all addresses of a name; `lookup(name, { all: true })` of `node:dns`.
 * @returns every problem; empty when nothing is granted by name.
 */
export async function checkGrantedNames(
  permissions: Permissions,
  resolve: (name: string) => Promise<readonly string[]>,
): Promise<NameProblem[]> {
  const problems: NameProblem[] = [];
  for (const { address, internal } of permissions.net ?? []) {
    const parsed = parseNetAddress(address);
    if (!("ok" in parsed) || parsed.ok.ip) continue;
    const found = await resolve(parsed.ok.host).catch(() => []);
    for (const text of found) {
      const what = whatIs(text, internal);
      if (what === undefined) continue;
      problems.push({
        address,
        code: "internal_address",
        message: `must not lead to ${text}, an address for ${what}`,
      });
    }
  }
  return problems;
}

/** Why an address is refused; one that cannot be read is. */
function whatIs(text: string, internal: boolean): string | undefined {
  const ip = parseIp(text.replace(/%.*$/, ""));
  return ip ? internalRangeOf(ip, internal)?.what : "nothing known";
}
