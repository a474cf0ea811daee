import { exceeds } from "./json_depth.ts";

/** Deepest nesting accepted in anything that a stranger says. */
export const MAX_DEPTH = 64;

/** Objects and lists in one message: a list of as many takes 0.1 s. */
export const MAX_CONTAINERS = 200_000;

/**
 * Parses JSON that an attacker wrote. Depth and count are checked before parsing; objects get a null
 * prototype, so that `__proto__` or `constructor` keys are only data.
 *
 * @param text JSON; its length was bounded by the caller.
 * @throws {SyntaxError} when it is not JSON
 * @throws {RangeError} when it nests deeper than {@linkcode MAX_DEPTH} or holds more objects and
 *   lists than {@linkcode MAX_CONTAINERS}
 */
export function parseHostileJson(text: string): unknown {
  const beyond = exceeds(text, { depth: MAX_DEPTH, containers: MAX_CONTAINERS });
  if (beyond === "depth") throw new RangeError(`nests deeper than ${MAX_DEPTH} levels`);
  if (beyond) throw new RangeError(`holds more than ${MAX_CONTAINERS} objects and lists`);
  return withoutPrototype(JSON.parse(text));
}

function withoutPrototype(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const isList = Array.isArray(value);
  if (!isList) Object.setPrototypeOf(value, null);
  for (const inner of isList ? value : Object.values(value)) withoutPrototype(inner);
  return value;
}
