import harness from "./harness.js" with { type: "text" };
import workerBoot from "./worker_boot.js" with { type: "text" };

/**
 * The cell's main module as a `data:` URL: needs no read permission and no file that the cell's
 * user could reach. Holds nothing secret; a script can read it.
 *
 * @param permissions What the inner worker holds, never wider than the process.
 */
export function harnessUrl(permissions: Deno.PermissionOptions): string {
  const source = [
    `const WORKER_BOOT = ${JSON.stringify(workerBoot)};`,
    `const WORKER_PERMISSIONS = ${JSON.stringify(permissions)};`,
    harness,
  ].join("\n");
  return "data:text/javascript," + encodeURIComponent(source);
}
