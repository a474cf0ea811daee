import * as v from "valibot";

/**
 * A check that no two items of a list are the same by `identity`. A duplicate is either a mistake
 * or an attempt to be counted twice.
 */
export function uniqueBy<T>(identity: (item: T) => string, what: string) {
  return v.check<T[], string>(
    (items) => new Set(items.map(identity)).size === items.length,
    `must not name the same ${what} twice`,
  );
}

/** As {@linkcode uniqueBy}, for a list of words. */
export function unique<T extends string>(what: string) {
  return uniqueBy<T>((word) => word, what);
}
