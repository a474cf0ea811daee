import assert from "node:assert/strict";

type ErrorClass = abstract new (...args: never[]) => Error;

/**
 * Does something that may refuse, but only in the ways it documents.
 *
 * @returns What `act` returned, or nothing when it refused.
 * @throws The error itself when it is of no allowed class.
 */
export function allowing<T>(classes: readonly ErrorClass[], act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (classes.some((allowed) => isExactly(error, allowed))) return undefined;
    throw error;
  }
}

/** A subclass counts, except that of a base class which bugs throw, too. */
function isExactly(error: unknown, allowed: ErrorClass): boolean {
  if (!(error instanceof allowed)) return false;
  return ![RangeError, SyntaxError].includes(allowed as typeof RangeError) ||
    error.constructor === allowed;
}

/** Fails with a sentence when a text holds what only a stack trace does. */
export function assertNoStack(text: string): void {
  assert.ok(!/\n\s+at |\.ts:\d|\bext:|node_modules/.test(text), `holds a stack trace: ${text}`);
}
