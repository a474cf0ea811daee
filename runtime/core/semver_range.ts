// Each by its own path: the front of the package loads all of it.
import major from "semver/functions/major.js";
import minor from "semver/functions/minor.js";
import satisfies from "semver/functions/satisfies.js";
import valid from "semver/functions/valid.js";
import subset from "semver/ranges/subset.js";
import validRange from "semver/ranges/valid.js";
import * as v from "valibot";

/** The longest range that is parsed, in characters. */
const RANGE_LENGTH = 256;

/** A semantic version 2.0.0 in its only spelling: no `v`, no spaces, no build metadata. */
export const versionSchema = v.pipe(
  v.string(),
  v.maxLength(RANGE_LENGTH),
  v.check(
    (text) => valid(text) === text && !text.includes("+"),
    'must be a semantic version like "1.4.0", without build metadata',
  ),
);

/** A range of versions, npm's syntax. The empty range, which npm reads as "any", is refused. */
export const rangeSchema = v.pipe(
  v.string(),
  v.maxLength(RANGE_LENGTH),
  v.check(
    (text) => text.split("||").every((part) => part.trim() !== "") && validRange(text) !== null,
    'must be a version range like "^1.4.0", ">=1.2 <2" or "*"',
  ),
);

/**
 * Whether a version lies in a range that allows something. Prereleases are in only where the
 * range names one of the same version, as npm does.
 */
export function isAllowedBy(version: string, range: string): boolean {
  return satisfies(version, range);
}

/**
 * Whether a version lies in a range that forbids something. Prereleases are in, so that
 * `<1.4.1` also forbids `1.4.1-rc.1`, and no prerelease slips past a ban.
 */
export function isForbiddenBy(version: string, range: string): boolean {
  return satisfies(version, range, { includePrerelease: true });
}

/** Whether every version that `inner` allows is allowed by `outer` as well. */
export function isRangeWithin(inner: string, outer: string): boolean {
  return subset(inner, outer);
}

/** Whether a version is older than another, or no more than one minor version ahead of it. */
export function isAtMostOneAhead(version: string, own: string): boolean {
  if (major(version) !== major(own)) return major(version) < major(own);
  return minor(version) <= minor(own) + 1;
}
