import * as v from "valibot";

/** A SHA-256 digest, `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}`;
/** An Ed25519 public key, `ed25519:` and the 32 raw bytes in unpadded base64url (RFC 8037 `x`). */
export type PublicKey = `ed25519:${string}`;
/** A key's RFC 7638 thumbprint, `writ-key:` and 43 base64url characters. Also an agent's id. */
export type KeyId = `writ-key:${string}`;
/** `publisher/name`, each 1–64 characters of `a–z 0–9 -`, starting with a letter or digit. */
export type ScriptName = `${string}/${string}`;

/**
 * A name, as a regular expression without its ends: the one place that says what names are. Two
 * words that fit are none, as libraries for JSON take them for parts of every object and drop them.
 */
const NAME = "(?!(?:constructor|prototype)(?![a-z0-9-]))[a-z0-9][a-z0-9-]{0,63}";
/** As {@linkcode NAME}, of a whole text. */
export const NAME_PATTERN = `^${NAME}$`;
/** Of `publisher/name`, a whole text. */
export const SCRIPT_NAME_PATTERN = `^${NAME}/${NAME}$`;

export const digestSchema = v.custom<Digest>(
  (x) => typeof x === "string" && /^sha256:[0-9a-f]{64}$/.test(x),
  'must be "sha256:" and 64 hexadecimal digits',
);
/** 32 bytes in unpadded base64url; the last character carries four bits, so only 16 can stand there. */
const BYTES32 = "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]";
export const publicKeySchema = v.custom<PublicKey>(
  (x) => typeof x === "string" && new RegExp(`^ed25519:${BYTES32}$`).test(x),
  'must be "ed25519:" and 43 base64url characters',
);
export const keyIdSchema = v.custom<KeyId>(
  (x) => typeof x === "string" && new RegExp(`^writ-key:${BYTES32}$`).test(x),
  'must be "writ-key:" and 43 base64url characters',
);
/** A publisher, orderer, label or queue: 1–64 characters of `a–z 0–9 -`. */
export const nameSchema = v.pipe(
  v.string(),
  v.regex(new RegExp(NAME_PATTERN), "must be 1 to 64 of a-z, 0-9 and -"),
);
/** Whether a text is a name: of a fleet, a publisher, an orderer, a label or a queue. */
export function isName(text: string): boolean {
  return new RegExp(NAME_PATTERN).test(text);
}
export const scriptNameSchema = v.custom<ScriptName>(
  (x) => typeof x === "string" && new RegExp(SCRIPT_NAME_PATTERN).test(x),
  'must be "publisher/name", each of a-z, 0-9 and -',
);
/** RFC 3339 in UTC with whole seconds, the only form a document may carry. */
export const instantSchema = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'must be like "2026-01-31T09:00:00Z"'),
  v.check(isRealDate, "must be a real date"),
);
/** A whole number from `min` up to 2⁵³ − 1. */
export function countSchema(min = 0) {
  return v.pipe(v.number(), v.safeInteger(), v.minValue(min));
}

/** `Date.parse` takes 30 February for 2 March; writing the date again shows it. */
function isRealDate(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString() === text.replace("Z", ".000Z");
}
