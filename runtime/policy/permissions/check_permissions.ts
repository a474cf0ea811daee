import type { Permissions } from "../../core/documents/grant.ts";
import { type PolicyCode, PolicyError } from "../errors.ts";
import { parseNetAddress } from "../net/address.ts";
import type { Finding, Segments } from "../yaml/policy_file.ts";
import { isWithin, pathFinding, type PathKind } from "./paths.ts";
import { envFinding, sysFinding } from "./names.ts";
import { unsafeFinding } from "./unsafe.ts";

/** A finding and the value it is about, from `permissions` down. */
export interface PermissionFinding {
  readonly segments: Segments;
  readonly finding: Finding;
}

/** What the checks may know besides the permissions. */
export interface PermissionOptions {
  /** Paths that are never granted without `unsafe`: the agent's state, the policy folder. */
  readonly kept?: readonly string[];
  /** For a ceiling: a host without a port stands for all its ports, and nothing becomes a flag. */
  readonly ceiling?: boolean;
}

/**
 * Finds everything that must not stand in the permissions of a grant, whether it came from a YAML
 * file or from a signed list.
 *
 * @returns nothing when every value may become a Deno flag.
 */
export function checkPermissions(
  permissions: Permissions,
  options: PermissionOptions = {},
): PermissionFinding[] {
  return [
    ...(options.ceiling ? checkCeilingNet(permissions) : checkNet(permissions)),
    ...checkPaths("read", permissions.read ?? [], options.kept),
    ...checkPaths("write", permissions.write ?? [], options.kept),
    ...each("env", permissions.env, envFinding),
    ...each("sys", permissions.sys, sysFinding),
    ...each("unsafe", permissions.unsafe, unsafeFinding),
  ];
}

/**
 * The same checks for code that is about to start a cell.
 *
 * @throws {PolicyError} bad_value, needs_unsafe, overlap, duplicate – as {@linkcode checkPermissions} finds
 */
export function assertPermissions(permissions: Permissions, options?: PermissionOptions): void {
  const [first, ...rest] = checkPermissions(permissions, options).map(({ segments, finding }) => ({
    code: finding.code as PolicyCode,
    file: "grant",
    line: 0,
    column: 0,
    keyPath: `permissions.${segments[0]}[${segments[1]}]`,
    message: finding.message,
    ...(finding.hint === undefined ? {} : { hint: finding.hint }),
  }));
  if (first) throw new PolicyError([first, ...rest]);
}

function checkNet({ net = [] }: Permissions): PermissionFinding[] {
  const found = each("net", net, ({ address, internal }) => {
    const parsed = parseNetAddress(address);
    if (!("ok" in parsed)) return parsed;
    if (!internal || !parsed.ok.ip) return undefined;
    return {
      code: "bad_value",
      message: `must not say "internal" beside an address: got ${JSON.stringify(address)}`,
      hint: "leave internal out; it is for names only",
    };
  });
  const seen = new Map<string, { index: number; internal: boolean }>();
  net.forEach(({ address, internal }, index) => {
    const parsed = parseNetAddress(address);
    if (!("ok" in parsed)) return;
    const { host, port, ip } = parsed.ok;
    const same = seen.get(address);
    if (same) {
      found.push(at("net", index, {
        code: "duplicate",
        message: `names the same address as net[${same.index}]`,
      }));
    }
    seen.set(address, { index, internal });
    if (ip) return;
    // Deno checks an address, not the name it came from: on one port the two cannot be told apart.
    const other = seen.get(`:${port}`);
    if (other && other.internal !== internal) {
      found.push(at("net", index, {
        code: "overlap",
        message: `cannot be kept apart from net[${other.index}], which has the same port ` +
          `and ${other.internal ? "may" : "may not"} be internal: got "${host}:${port}"`,
        hint: "say internal: true for both, or grant the internal host by its address",
      }));
    }
    seen.set(`:${port}`, { index, internal });
  });
  return found;
}

function checkCeilingNet({ net }: Permissions): PermissionFinding[] {
  return each("net", net, ({ address }) => {
    const parsed = parseNetAddress(address);
    if ("ok" in parsed || "ok" in parseNetAddress(`${address}:1`)) return undefined;
    return parsed;
  });
}

function checkPaths(
  kind: PathKind,
  paths: readonly string[],
  kept: readonly string[] = [],
): PermissionFinding[] {
  return each(kind, paths, (path, index) => {
    const finding = pathFinding(path, kind, kept);
    if (finding) return finding;
    const outer = paths.findIndex((other, i) =>
      i !== index && isWithin(path, other) && (other !== path || i < index)
    );
    if (outer < 0) return undefined;
    return {
      code: paths[outer] === path ? "duplicate" : "overlap",
      message: `lies inside ${kind}[${outer}] ("${paths[outer]}"): got ${JSON.stringify(path)}`,
      hint: "leave the narrower path out",
    };
  });
}

function each<T>(
  kind: keyof Permissions,
  values: readonly T[] | undefined,
  check: (value: T, index: number) => Finding | undefined,
): PermissionFinding[] {
  return (values ?? []).flatMap((value, index) => {
    const finding = check(value, index);
    return finding ? [at(kind, index, finding)] : [];
  });
}

function at(kind: keyof Permissions, index: number, finding: Finding): PermissionFinding {
  return { segments: [kind, index], finding };
}
