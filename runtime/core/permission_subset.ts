import type { Permissions } from "./documents/grant.ts";
import type { PermissionRequest } from "./documents/manifest.ts";

type Kind = PermissionRequest["permission"];

/** One permission, from whichever list of {@linkcode Permissions} it came. */
interface Entry {
  readonly kind: Kind;
  readonly value: string;
  /** The name may resolve to internal addresses (`net` only). */
  readonly internal: boolean;
  readonly unsafe: boolean;
}

/**
 * The first permission of `inner` that `outer` does not give, in words; `undefined` if all are.
 *
 * An ordinary entry is covered by an ordinary one of its kind that is equal or wider, or by an
 * `unsafe` one of the same value or of none. An `unsafe` entry is covered only by an `unsafe` one.
 * `internal` is covered only by `internal`.
 *
 * @example
 * ```ts
 * import { firstUncovered } from "./permission_subset.ts";
 * import assert from "node:assert/strict";
 *
 * const ceiling = { read: ["/srv/print"] };
 * assert.equal(firstUncovered({ read: ["/srv/print/fonts"] }, ceiling), undefined);
 * assert.equal(firstUncovered({ read: ["/srv/printers"] }, ceiling), 'read "/srv/printers"');
 * ```
 */
export function firstUncovered(inner: Permissions, outer: Permissions): string | undefined {
  const given = entriesOf(outer);
  const missing = entriesOf(inner).find((wanted) => !given.some((entry) => covers(entry, wanted)));
  return missing && describe(missing);
}

/**
 * Whether permissions give what a manifest asks for. Without a value, anything of that kind does.
 */
export function coversRequest(permissions: Permissions, request: PermissionRequest): boolean {
  const given = entriesOf(permissions).filter((entry) => entry.kind === request.permission);
  const { permission: kind, value } = request;
  if (value === undefined) return given.length > 0;
  return given.some((entry) => coversValue(entry, { kind, value }));
}

function covers(outer: Entry, inner: Entry): boolean {
  if (outer.kind !== inner.kind) return false;
  if (inner.unsafe && !outer.unsafe) return false;
  if (inner.internal && !outer.internal) return false;
  return coversValue(outer, inner);
}

function coversValue(outer: Entry, inner: { kind: Kind; value: string }): boolean {
  if (outer.unsafe) return outer.value === "" || outer.value === inner.value;
  switch (inner.kind) {
    case "net":
      return coversAddress(outer.value, inner.value);
    case "read":
    case "write":
      return coversPath(outer.value, inner.value);
    default:
      return outer.value === inner.value;
  }
}

/** `host` covers all its ports, `host:port` itself; nothing is resolved and no name has children. */
function coversAddress(outer: string, inner: string): boolean {
  const wide = outer.toLowerCase();
  const narrow = inner.toLowerCase();
  return narrow === wide || hostOf(narrow) === wide;
}

/** The part before `:port`; an IPv6 address keeps its brackets. */
function hostOf(address: string): string {
  return /^(\[[^\]]*\]|[^:]*):\d+$/.exec(address)?.[1] ?? address;
}

/** By whole segments of absolute paths; a path with `.`, `..` or an empty segment is in nothing. */
function coversPath(outer: string, inner: string): boolean {
  const wide = segmentsOf(outer);
  const narrow = segmentsOf(inner);
  return wide !== undefined && narrow !== undefined &&
    wide.every((segment, i) => segment === narrow[i]);
}

function segmentsOf(path: string): readonly string[] | undefined {
  if (!path.startsWith("/")) return undefined;
  const trimmed = path.replace(/^\//, "").replace(/\/$/, "");
  const segments = trimmed === "" ? [] : trimmed.split("/");
  return segments.some((s) => s === "" || s === "." || s === "..") ? undefined : segments;
}

function entriesOf(permissions: Permissions): Entry[] {
  const plain = (kind: Kind, values: readonly string[] = []): Entry[] =>
    values.map((value) => ({ kind, value, internal: false, unsafe: false }));
  return [
    ...(permissions.net ?? []).map(({ address, internal }): Entry => ({
      kind: "net",
      value: address,
      internal,
      unsafe: false,
    })),
    ...plain("read", permissions.read),
    ...plain("write", permissions.write),
    ...plain("env", permissions.env),
    ...plain("sys", permissions.sys),
    ...(permissions.unsafe ?? []).map(({ permission, value }): Entry => ({
      kind: permission,
      value,
      // An unsafe entry is unbounded, internal addresses included.
      internal: true,
      unsafe: true,
    })),
  ];
}

function describe({ kind, value, internal, unsafe }: Entry): string {
  const words = unsafe ? `unsafe ${kind}` : kind;
  return `${words} ${JSON.stringify(value)}${internal && !unsafe ? " (internal)" : ""}`;
}
