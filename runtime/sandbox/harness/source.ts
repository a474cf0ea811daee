import harness from "./harness.js" with { type: "text" };
import workerBoot from "./worker_boot.js" with { type: "text" };

const HEAD = encodeURIComponent(`const WORKER_BOOT = ${JSON.stringify(shrink(workerBoot))};\n`);
const TAIL = encodeURIComponent(shrink(harness));

/**
 * The cell's main module as a `data:` URL: needs no read permission and no file that the cell's
 * user could reach. Holds nothing secret; a script can read it.
 *
 * @param permissions What the inner worker holds, never wider than the process.
 */
export function harnessUrl(permissions: Deno.PermissionOptions): string {
  const held = encodeURIComponent(`const WORKER_PERMISSIONS = ${JSON.stringify(permissions)};\n`);
  return `data:text/javascript,${HEAD}${held}${TAIL}`;
}

/** Without indentation and lines of comment: all of it is decoded and parsed as each cell starts. */
function shrink(source: string): string {
  return source.replace(/^ +/gm, "").replace(/^\/\/.*\n/gm, "");
}
