import type { Release } from "../../core/documents/release.ts";
import { isAtMostOneAhead } from "../../core/semver_range.ts";
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
  if (isAtMostOneAhead(version, own)) return;
  throw new HubError(
    "conflict",
    `Cannot take release ${version} as this hub is ${own}, and agents may be one minor version ` +
      `ahead of it: bring the hub up to date first`,
  );
}
