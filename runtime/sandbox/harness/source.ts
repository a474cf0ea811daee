import harness from "./harness.js" with { type: "text" };
import workerBoot from "./worker_boot.js" with { type: "text" };

// All of it is decoded and parsed as each cell starts: what is not needed costs a millisecond.
const WORKER_URL = `const WORKER_URL = ${JSON.stringify(dataUrl(shrink(workerBoot)))};\n`;
const HARNESS = shrink(harness);

/**
 * The cell's main module as a `data:` URL: needs no read permission and no file that the cell's
 * user could reach. Holds nothing secret; a script can read it.
 *
 * @param permissions What the inner worker holds, never wider than the process.
 */
export function harnessUrl(permissions: Deno.PermissionOptions): string {
  const held = `const WORKER_PERMISSIONS = ${JSON.stringify(permissions)};\n`;
  return dataUrl(WORKER_URL + held + HARNESS);
}

/** Without indentation and lines of comment. */
function shrink(source: string): string {
  return source.replace(/^ +/gm, "").replace(/^\/\/.*\n/gm, "");
}

/** Only what a URL's parser would read as something else is escaped. */
function dataUrl(source: string): string {
  return "data:text/javascript," + source.replace(/[%#\n]/g, encodeURIComponent);
}
