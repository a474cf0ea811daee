import canonicalize from "canonicalize";
import { VerificationError } from "./errors.ts";
import { isDeeperThan } from "./json_depth.ts";
import { LIMITS } from "./limits.ts";

/**
 * A JSON value as RFC 8785 canonical UTF-8.
 *
 * @throws {TypeError} – when the value has no JSON form (`undefined`, a lone surrogate, `NaN`)
 * @see RFC 8785, "Generation of Canonicalized JSON Data"
 * @example
 * ```ts
 * import { canonicalBytes } from "./canonical_json.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(new TextDecoder().decode(canonicalBytes({ b: 1.0, a: [] })), '{"a":[],"b":1}');
 * ```
 */
export function canonicalBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalText(value));
}

/** As {@linkcode canonicalBytes}, as a string. */
export function canonicalText(value: unknown): string {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`Cannot write a value as canonical JSON: ${found}`, { cause });
  }
  if (text === undefined) throw new TypeError("Cannot write undefined as canonical JSON");
  return text;
}

/**
 * Reads JSON that is exactly its own canonical form.
 *
 * In order: strict UTF-8 without BOM, nesting of at most {@linkcode LIMITS.JSON_DEPTH}, JSON,
 * no `__proto__` key, then writing the value again gives the same text. The last step is what
 * refuses duplicate keys, white space, `-0`, `1e400`, escaped surrogates and digits beyond a
 * double: all that two parsers could read differently.
 *
 * @throws {VerificationError} not_canonical – when any of that fails
 * @see RFC 8785, "Generation of Canonicalized JSON Data"
 */
export function parseCanonical(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw notCanonical("not UTF-8");
  if (isDeeperThan(text, LIMITS.JSON_DEPTH)) {
    throw notCanonical(`nested deeper than ${LIMITS.JSON_DEPTH}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notCanonical("not JSON", { cause });
  }
  let again: string;
  try {
    again = canonicalText(value);
  } catch (cause) {
    throw notCanonical("a number or string that JSON cannot carry", { cause });
  }
  if (again !== text) throw notCanonical("written differently from RFC 8785");
  // In canonical text this sequence is a key: inside a string its quotes would be escaped.
  if (text.includes('"__proto__":')) throw notCanonical('a key named "__proto__"');
  return value;
}

/** Whether two JSON values say the same; as their canonical texts would be, without writing them. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length &&
      a.every((item, i) => isSameJson(item, b[i]));
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) =>
    Object.hasOwn(b, key) &&
    isSameJson((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])
  );
}

/** Strict UTF-8, a byte order mark kept as a character; `undefined` for anything else. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function notCanonical(found: string, options?: ErrorOptions): VerificationError {
  return new VerificationError(
    "not_canonical",
    `Cannot read JSON as it is not canonical: ${found}`,
    options,
  );
}
