const VECTORS = new URL("../../../shared/vectors/", import.meta.url);
const isRequired = Deno.env.get("WRIT_REQUIRE_REAL") === "1";

/**
 * Registers a test over a file of vectors that this project did not write. Where the file is
 * missing the test is ignored, and says so; with `WRIT_REQUIRE_REAL=1` it fails.
 *
 * @param path Below the folder of vectors.
 */
export function testVectors(
  name: string,
  path: string,
  run: (text: string, t: Deno.TestContext) => void | Promise<void>,
): void {
  const file = new URL(path, VECTORS);
  const isMissing = !exists(file);
  Deno.test({
    name: isMissing ? `${name} (MISSING VECTORS: ${path})` : name,
    ignore: isMissing && !isRequired,
    fn: async (t) => run(await Deno.readTextFile(file), t),
  });
}

function exists(file: URL): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
