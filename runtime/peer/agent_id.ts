import { decodeBase64, encodeBase64 } from "../core/base64.ts";
import type { KeyId } from "../core/documents/common.ts";
import { PeerError } from "./errors.ts";

/** RFC 4648 base32: no 0, 1, 8 or 9, which people take for letters. */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const PREFIX = "writ-key:";
const ID_BYTES = 32;
/** Characters that one check digit stands behind. */
const CHECKED = 13;
const GROUP = 7;
/** Nothing that is longer can be an id, however it is spaced. */
const MAX_TEXT = 200;

/**
 * An agent's id for people: eight groups of seven characters, with four check digits in them, so
 * that one wrong or swapped character shows before anybody trusts the wrong machine.
 *
 * @param id `writ-key:` and 43 base64url characters.
 * @returns 56 base32 characters in groups, as Syncthing shows its device ids.
 * @throws {PeerError} bad_id – when `id` is no agent id
 * @example
 * ```ts
 * import { formatAgentId, parseAgentId } from "./agent_id.ts";
 * import assert from "node:assert/strict";
 *
 * const id = `writ-key:${"A".repeat(43)}` as const;
 * const shown = "AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA";
 * assert.equal(formatAgentId(id), shown);
 * assert.equal(parseAgentId(shown.toLowerCase()), id);
 * ```
 */
export function formatAgentId(id: KeyId): string {
  const raw = id.startsWith(PREFIX) ? decodeBase64(id.slice(PREFIX.length), "base64url") : null;
  if (raw?.length !== ID_BYTES) throw badId(id, 'it is not "writ-key:" and 43 characters');
  const text = parts(encodeBase32(raw), CHECKED).map((part) => part + checkDigit(part)).join("");
  return parts(text, GROUP).join("-");
}

/**
 * Reads an agent's id in either form: `writ-key:…`, or the groups of {@linkcode formatAgentId} in
 * any case and spacing, with 0, 1 and 8 taken for O, I and B.
 *
 * @throws {PeerError} bad_id – when it is neither, or a check digit is wrong; the message says in
 * which groups to look
 */
export function parseAgentId(text: string): KeyId {
  if (text.startsWith(PREFIX)) {
    formatAgentId(text as KeyId);
    return text as KeyId;
  }
  if (text.length > MAX_TEXT) throw badId(text, "it is too long");
  const digits = text.toUpperCase().replace(/[\s-]/g, "")
    .replaceAll("0", "O").replaceAll("1", "I").replaceAll("8", "B");
  if (!/^[A-Z2-7]{56}$/.test(digits)) throw badId(text, "it is not 56 letters and digits 2 to 7");
  const checked = parts(digits, CHECKED + 1);
  checked.forEach((part, i) => {
    if (checkDigit(part.slice(0, CHECKED)) === part[CHECKED]) return;
    throw badId(text, `a character of groups ${2 * i + 1} and ${2 * i + 2} is wrong`);
  });
  const encoded = checked.map((part) => part.slice(0, CHECKED)).join("");
  const raw = decodeBase32(encoded);
  if (encodeBase32(raw) !== encoded) throw badId(text, "its last character is wrong");
  return `${PREFIX}${encodeBase64(raw, "base64url")}`;
}

/** Luhn's algorithm with 32 digits: finds any one wrong digit, and nearly all that were swapped. */
function checkDigit(part: string): string {
  let sum = 0;
  for (let i = 0; i < part.length; i++) {
    const fromRight = part.length - 1 - i;
    const doubled = ALPHABET.indexOf(part[i]!) * (fromRight % 2 === 0 ? 2 : 1);
    sum += Math.floor(doubled / 32) + doubled % 32;
  }
  return ALPHABET[(32 - sum % 32) % 32]!;
}

function encodeBase32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8 | byte) & 0xffff;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[value >> (bits - 5) & 31];
  }
  return bits > 0 ? text + ALPHABET[value << (5 - bits) & 31] : text;
}

function decodeBase32(text: string): Uint8Array {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const digit of text) {
    value = (value << 5 | ALPHABET.indexOf(digit)) & 0xffff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push(value >> bits & 0xff);
  }
  return new Uint8Array(bytes);
}

function parts(text: string, length: number): string[] {
  return text.match(new RegExp(`.{${length}}`, "g")) ?? [];
}

function badId(text: string, found: string): PeerError {
  return new PeerError(
    "bad_id",
    `Cannot read an agent's id as ${found}: ${JSON.stringify(text.slice(0, 80))}`,
  );
}
