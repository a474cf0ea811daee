import { isFlagText } from "../../core/documents/grant.ts";
import type { Finding } from "../yaml/policy_file.ts";

/** Which of Deno's two file permissions a path is granted for. */
export type PathKind = "read" | "write";

/** Kernel, device and socket trees, secrets: no grant of either kind without `unsafe`. */
const NEVER = [
  "/proc",
  "/sys",
  "/dev",
  "/run",
  "/var/run",
  "/boot",
  "/root",
  "/etc/shadow",
  "/etc/gshadow",
  "/etc/sudoers",
  "/etc/sudoers.d",
  "/etc/ssh",
  "/etc/ssl/private",
];

/** What other programs execute or obey: writing there is running code. */
const NEVER_WRITE = [
  "/etc",
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/opt",
  "/var/spool/cron",
  "/var/lib/dpkg",
  "/var/lib/systemd",
];

/** Folders in any home that hold keys or start programs. */
const PRIVATE_FOLDERS = new Set([
  ".ssh",
  ".gnupg",
  ".aws",
  ".azure",
  ".kube",
  ".docker",
  ".config",
]);

/**
 * Checks one granted path by its spelling alone.
 *
 * In order: absolute, without comma (a comma would start a second path in Deno's flag), wildcard or
 * control character, normalized; then not inside, equal to or above a place that needs `unsafe`.
 *
 * @param kept further paths that are never granted: the agent's state, the policy folder.
 * @returns `undefined` when the path may be granted.
 */
export function pathFinding(
  path: string,
  kind: PathKind,
  kept: readonly string[] = [],
): Finding | undefined {
  const got = `got ${JSON.stringify(path)}`;
  if (!path.startsWith("/")) {
    return {
      code: "bad_value",
      message: `must be an absolute path: ${got}`,
      hint: path.startsWith("~") ? "write the home directory out" : undefined,
    };
  }
  if (!isFlagText(path) || /[*?]/.test(path)) {
    return {
      code: "bad_value",
      message: `must not contain a comma, a wildcard or a control character: ${got}`,
      hint: "grant the directory instead",
    };
  }
  const normal = normalize(path);
  if (normal !== path) {
    return {
      code: "bad_value",
      message: `must be a path without ".", ".." and spare slashes: ${got}`,
      hint: `did you mean "${normal}"?`,
    };
  }
  const touched = (kind === "write" ? [...NEVER, ...NEVER_WRITE, ...kept] : [...NEVER, ...kept])
    .find((place) => isWithin(path, place) || isWithin(place, path));
  const homes = /^\/home(\/[^/]+)?$|^\/Users(\/[^/]+)?$/.test(path);
  const secret = path.split("/").find((segment) => PRIVATE_FOLDERS.has(segment));
  const reason = touched ?? secret ?? (homes ? "whole home directories" : undefined);
  if (reason === undefined) return undefined;
  return {
    code: "needs_unsafe",
    message: `must not touch ${reason}: ${got}`,
    hint: "grant a narrower directory, or give it under unsafe with a reason",
  };
}

/** Whether `path` is `folder` or lies below it. Both normalized. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || folder === "/" || path.startsWith(`${folder}/`);
}

function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}
