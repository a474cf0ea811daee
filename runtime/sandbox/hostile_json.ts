import { isDeeperThan } from "../core/json_depth.ts";

/** Deepest nesting accepted in anything a cell says. */
export const MAX_DEPTH = 64;

/**
 * Parses JSON that an attacker wrote. Depth is checked before parsing; objects get a null
 * prototype, so that `__proto__` or `constructor` keys are only data.
 *
 * @param text JSON; its length was bounded by the caller.
 * @throws {SyntaxError} when it is not JSON
 * @throws {RangeError} when it nests deeper than {@linkcode MAX_DEPTH}
 */
export function parseHostileJson(text: string): unknown {
  if (isDeeperThan(text, MAX_DEPTH)) throw new RangeError(`nests deeper than ${MAX_DEPTH} levels`);
  return withoutPrototype(JSON.parse(text));
}

function withoutPrototype(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (!Array.isArray(value)) Object.setPrototypeOf(value, null);
  for (const inner of Object.values(value)) withoutPrototype(inner);
  return value;
}
