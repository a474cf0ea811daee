import { requireReal } from "../real/require_real.ts";

const FOLDER = new URL("../../../shared/data/clamav-fctest/", import.meta.url);
/** Where the vendor's test database lies. */
export const DATA = FOLDER.pathname;

/** The vendor's own test database, in versions 1 to 6. */
export function readTestDatabase(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(name, FOLDER));
}

/** Whether the database is there, and these programs; says loudly when something is not. */
export function haveClamav(programs: readonly string[] = []): boolean {
  if (!requireReal(programs)) return false;
  try {
    return Deno.statSync(FOLDER).isDirectory;
  } catch {
    const message = "Cannot test virus signatures as shared/data/clamav-fctest is missing";
    if (Deno.env.get("WRIT_REQUIRE_REAL") === "1") throw new Error(message);
    Deno.stderr.writeSync(new TextEncoder().encode(`\n*** IGNORED: ${message}\n\n`));
    return false;
  }
}
