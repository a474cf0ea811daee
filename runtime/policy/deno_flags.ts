import { PERMISSION_KINDS, type Permissions } from "../core/documents/grant.ts";
import { parseNetAddress } from "./net/address.ts";
import { denyNetValues, netDenyList, type NetGrant } from "./net/deny_list.ts";
import { assertPermissions, type PermissionOptions } from "./permissions/check_permissions.ts";

/** The permissions of a grant as Deno understands them. */
export interface DenoFlags {
  /** `--allow-…` for the cell's process. */
  readonly allow: string[];
  /** `--deny-…` for the cell's process. */
  readonly deny: string[];
  /** The same permissions for the worker inside the cell. */
  readonly worker: Deno.PermissionOptions;
  /** Those of `allow` that stand under `unsafe` in the grant. */
  readonly unsafe: string[];
}

type Kind = (typeof PERMISSION_KINDS)[number];

/**
 * Compiles a grant's permissions to Deno's flags.
 *
 * In order: every value is checked again, as a grant may come from a signed list; values are
 * gathered by kind, safe and unsafe ones; an unscoped unsafe value replaces the list of its kind;
 * granted names get a deny list of internal addresses. What is not granted has no flag, and with
 * `--no-prompt` that means refused. Remote imports are denied always.
 *
 * @param permissions not mutated.
 * @param options.kept paths that are never granted without `unsafe`: the agent's state.
 * @returns flags in a fixed order, so that equal grants give equal cells.
 * @throws {PolicyError} bad_value, needs_unsafe, overlap, duplicate – when a value may not be granted
 *
 * @example
 * ```ts
 * import { denoFlags } from "./deno_flags.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(denoFlags({}), {
 *   allow: [],
 *   deny: ["--deny-import"],
 *   worker: "none",
 *   unsafe: [],
 * });
 * assert.deepEqual(denoFlags({ read: ["/srv/forms"] }).allow, ["--allow-read=/srv/forms"]);
 * ```
 */
export function denoFlags(
  permissions: Permissions,
  options: Pick<PermissionOptions, "kept"> = {},
): DenoFlags {
  assertPermissions(permissions, options);
  const allow: string[] = [];
  const unsafe: string[] = [];
  const worker: Record<string, unknown> = { import: false };
  for (const kind of PERMISSION_KINDS) {
    const values = allowedValues(permissions, kind);
    worker[kind] = values === "all" ? true : values.length > 0 ? values : false;
    if (values === "all") allow.push(`--allow-${kind}`);
    else if (values.length > 0) allow.push(`--allow-${kind}=${values.join(",")}`);
    if (permissions.unsafe?.some((u) => u.permission === kind)) unsafe.push(allow.at(-1)!);
  }
  const denied = denyNetValues(netDenyList(netGrants(permissions)));
  return {
    allow,
    deny: [...(denied.length > 0 ? [`--deny-net=${denied.join(",")}`] : []), "--deny-import"],
    worker: allow.length === 0 ? "none" : worker as Deno.PermissionOptionsObject,
    unsafe,
  };
}

/** What is granted of one kind: a sorted list without duplicates, or everything. */
function allowedValues(permissions: Permissions, kind: Kind): string[] | "all" {
  const unsafe = (permissions.unsafe ?? []).filter((u) => u.permission === kind);
  if (unsafe.some((u) => u.value === "")) return "all";
  const safe = kind === "net"
    ? (permissions.net ?? []).map((grant) => grant.address)
    : kind === "run" || kind === "ffi"
    ? []
    : permissions[kind] ?? [];
  return [...new Set([...safe, ...unsafe.map((u) => u.value)])].sort();
}

/**
 * The grants that the deny list is worked out from. An unsafe `net` value is outside what a deny
 * list can bound: it may name the very ranges the list is made of.
 */
function netGrants(permissions: Permissions): NetGrant[] {
  if (permissions.unsafe?.some((u) => u.permission === "net")) return [];
  return (permissions.net ?? []).map(({ address, internal }) => {
    const parsed = parseNetAddress(address);
    if (!("ok" in parsed)) {
      throw new TypeError(`Cannot grant "${address}" as it is not "host:port"`);
    }
    return { ...parsed.ok, internal };
  });
}
