// By its own path: the front of the package loads all of it.
import minor from "semver/functions/minor.js";
import major from "semver/functions/major.js";
import type { Release } from "../../core/documents/release.ts";
import { WRIT_VERSION } from "../../core/version.ts";
import { HubError } from "../errors.ts";

/**
 * Makes sure that agents which become a release go on speaking with this hub: it may be as old as
 * this program likes, and no more than one minor version ahead.
 *
 * @param own Of the hub.
 * @throws {HubError} conflict – it is further ahead
 */
export function requireFollowed({ version }: Pick<Release, "version">, own = WRIT_VERSION): void {
  if (major(version) < major(own)) return;
  if (major(version) === major(own) && minor(version) <= minor(own) + 1) return;
  throw new HubError(
    "conflict",
    `Cannot take release ${version} as this hub is ${own}, and agents may be one minor version ` +
      `ahead of it: bring the hub up to date first`,
  );
}
