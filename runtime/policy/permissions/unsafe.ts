import { isFlagText, type Permissions } from "../../core/documents/grant.ts";
import { parseCidr } from "../net/ip.ts";
import type { Finding } from "../yaml/policy_file.ts";
import { ALL_SYS } from "./names.ts";

/** One entry under `unsafe:`. An empty value means all of that kind. */
export type UnsafePermission = NonNullable<Permissions["unsafe"]>[number];

/** What Deno takes as the value of each flag, so that a bad one is found before a cell dies of it. */
const TAKES: Record<UnsafePermission["permission"], (value: string) => boolean> = {
  run: (value) => /^[\w.+-]+$/.test(value) || value.startsWith("/"),
  ffi: (value) => value.startsWith("/"),
  read: (value) => value.startsWith("/"),
  write: (value) => value.startsWith("/"),
  net: isNetValue,
  env: (value) => /^[A-Za-z_][A-Za-z0-9_]*\*?$/.test(value),
  sys: (value) => (ALL_SYS as readonly string[]).includes(value),
};

/** Checks one unsafe permission: a value Deno can read, and a reason. */
export function unsafeFinding(
  { permission, value, reason }: UnsafePermission,
): Finding | undefined {
  if (reason.trim() === "") {
    return { code: "missing_key", message: "must give a reason" };
  }
  if (value === "" || (isFlagText(value) && TAKES[permission](value))) return undefined;
  return {
    code: "bad_value",
    message: `must be a value of Deno's --allow-${permission}: got ${JSON.stringify(value)}`,
  };
}

/** A name, a wildcard name, an address or an IPv4 block, each with or without a port. */
function isNetValue(value: string): boolean {
  const parts = /^(\[[^\]]+\]|[^:[\]]+?)(?::([1-9]\d{0,4}))?$/.exec(value);
  if (!parts || Number(parts[2] ?? 1) > 65535) return false;
  const host = parts[1]!;
  if (host.startsWith("[")) return parseCidr(host.slice(1, -1))?.prefix === 128;
  if (parseCidr(host)) return true;
  return /^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(host);
}
