import { hexOf } from "./digest.ts";
import type { Digest, ScriptName } from "./documents/common.ts";

/** Where a module lies in every source of scripts: a web server, a folder, an agent. */
export function modulePath(digest: Digest): string {
  return `v1/modules/${hexOf(digest)}`;
}

/** Where the list of a script's versions lies: `{"versions":[{"version","sha256"}]}`. */
export function indexPath(script: ScriptName): string {
  return `v1/manifests/${script}/index.json`;
}

/** Where the manifest envelope of one version lies. */
export function manifestPath(script: ScriptName, version: string): string {
  return `v1/manifests/${script}/${version}.json`;
}

/** The folder of all releases' parts. */
export const RELEASES_PATH = "v1/releases";

/** Where a part of a release's file lies, and the list of its files. */
export function releasePartPath(digest: Digest): string {
  return `${RELEASES_PATH}/${hexOf(digest)}`;
}
