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
  checkDepth(text);
  return withoutPrototype(JSON.parse(text));
}

function checkDepth(text: string): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i++; // backslash: the next character is escaped
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > MAX_DEPTH) throw new RangeError(`nests deeper than ${MAX_DEPTH} levels`);
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
}

function withoutPrototype(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (!Array.isArray(value)) Object.setPrototypeOf(value, null);
  for (const inner of Object.values(value)) withoutPrototype(inner);
  return value;
}
