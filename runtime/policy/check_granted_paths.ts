import type { Permissions } from "../core/documents/grant.ts";
import { PolicyError } from "./errors.ts";
import { isWithin, pathFinding, type PathKind } from "./permissions/paths.ts";

/** Entries of one granted directory that are looked at before it is refused as too large. */
const MAX_ENTRIES = 100_000;

/** A granted path that cannot be given on this machine. */
export interface PathProblem {
  readonly kind: PathKind;
  readonly path: string;
  readonly code: "missing_file" | "symlink" | "needs_unsafe" | "too_large" | "unreadable_file";
  readonly message: string;
}

/** What the walk asks the file system; tests give their own. */
export interface PathSystem {
  /** The path with every symbolic link followed. */
  realPath(path: string): Promise<string>;
  readDir(path: string): AsyncIterable<Pick<Deno.DirEntry, "name" | "isDirectory" | "isSymlink">>;
  isDirectory(path: string): Promise<boolean>;
}

const DENO: PathSystem = {
  realPath: (path) => Deno.realPath(path),
  readDir: (path) => Deno.readDir(path),
  isDirectory: async (path) => (await Deno.stat(path)).isDirectory,
};

/**
 * Looks at what granted paths really are on this machine. Deno follows symbolic links inside a
 * granted directory wherever they lead, so such a link would widen the grant.
 *
 * In order, for each path: it exists; no part of it is a symbolic link (what it leads to is then
 * the path to grant); every link below it stays within the granted paths of its kind; there are at
 * most {@linkcode MAX_ENTRIES} entries. Entries under `unsafe` are not looked at.
 *
 * A script with `write` can itself make links only where it can also reach their ends.
 *
 * @param kept paths that are never granted, as in `loadPolicyDir`.
 * @returns every problem; empty when all paths may be given.
 */
export async function checkGrantedPaths(
  permissions: Permissions,
  options: { kept?: readonly string[]; system?: PathSystem } = {},
): Promise<PathProblem[]> {
  const problems: PathProblem[] = [];
  for (const kind of ["read", "write"] as const) {
    const granted = permissions[kind] ?? [];
    for (const path of granted) {
      const problem = await problemOf(path, kind, granted, options);
      if (problem) problems.push({ kind, path, ...problem });
    }
  }
  return problems;
}

/**
 * The same for code that is about to start a cell.
 *
 * @throws {PolicyError} missing_file, symlink, needs_unsafe, too_large, unreadable_file – when a path cannot be given
 */
export async function assertGrantedPaths(
  permissions: Permissions,
  options?: { kept?: readonly string[]; system?: PathSystem },
): Promise<void> {
  const [first, ...rest] = (await checkGrantedPaths(permissions, options)).map((problem) => ({
    code: problem.code,
    file: "grant",
    line: 0,
    column: 0,
    keyPath: `permissions.${problem.kind}`,
    message: problem.message,
  }));
  if (first) throw new PolicyError([first, ...rest]);
}

type Problem = Omit<PathProblem, "kind" | "path">;

async function problemOf(
  path: string,
  kind: PathKind,
  granted: readonly string[],
  { kept = [], system = DENO }: { kept?: readonly string[]; system?: PathSystem },
): Promise<Problem | undefined> {
  try {
    const real = await system.realPath(path);
    if (real !== path) {
      return { code: "symlink", message: `must not pass a symbolic link: "${path}" is "${real}"` };
    }
    const finding = pathFinding(real, kind, kept);
    if (finding) return { code: "needs_unsafe", message: finding.message };
    return await system.isDirectory(path) ? await walk(path, granted, system) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return { code: "missing_file", message: `must exist: "${path}"` };
    }
    const found = error instanceof Error ? error.message : String(error);
    return { code: "unreadable_file", message: `cannot be looked at: ${found}` };
  }
}

async function walk(
  root: string,
  granted: readonly string[],
  system: PathSystem,
): Promise<Problem | undefined> {
  const folders = [root];
  let entries = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for await (const entry of system.readDir(folder)) {
      if (++entries > MAX_ENTRIES) {
        return {
          code: "too_large",
          message: `must hold at most ${MAX_ENTRIES} entries: "${root}"`,
        };
      }
      const path = `${folder}/${entry.name}`;
      if (entry.isSymlink) {
        const end = await endOf(path, system);
        if (end === undefined || !granted.some((g) => isWithin(end, g))) {
          return {
            code: "symlink",
            message: `must not hold a symbolic link that leads out: "${path}" leads to "${
              end ?? "nothing yet"
            }"`,
          };
        }
      } else if (entry.isDirectory) folders.push(path);
    }
  }
  return undefined;
}

/** Where a link ends; `undefined` for one that leads nowhere, and could lead anywhere tomorrow. */
async function endOf(path: string, system: PathSystem): Promise<string | undefined> {
  try {
    return await system.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.FilesystemLoop) {
      return undefined;
    }
    throw error;
  }
}
