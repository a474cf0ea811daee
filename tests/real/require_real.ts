const DIRECTORIES = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"];

/**
 * Finds the programs of a real counterpart. A test is ignored, loudly, where one is missing, so
 * that nobody takes silence for success; with `WRIT_REQUIRE_REAL=1` it fails.
 *
 * @returns the path of each program, or undefined when the test is to be ignored
 * @throws {Error} when one is missing and `WRIT_REQUIRE_REAL` is 1
 * @example
 * ```ts ignore
 * const real = requireReal(["clamscan"]);
 * Deno.test({ name: "…", ignore: !real, fn: () => scan(real!.clamscan) });
 * ```
 */
export function requireReal<Name extends string>(
  programs: readonly Name[],
): Record<Name, string> | undefined {
  const found: Partial<Record<Name, string>> = {};
  const missing: Name[] = [];
  for (const program of programs) {
    const path = DIRECTORIES.map((directory) => `${directory}/${program}`).find(isFile);
    if (path) found[program] = path;
    else missing.push(program);
  }
  if (missing.length === 0) return found as Record<Name, string>;
  const message = `Cannot test against real ${programs.join(", ")} as it is not installed here: ` +
    missing.join(", ");
  if (Deno.env.get("WRIT_REQUIRE_REAL") === "1") throw new Error(message);
  Deno.stderr.writeSync(new TextEncoder().encode(`\n*** IGNORED: ${message}\n\n`));
  return undefined;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}
