import {
  type Digest,
  digestSchema,
  instantSchema,
  isName,
  type KeyId,
  keyIdSchema,
  NAME_PATTERN,
  type PublicKey,
  SCRIPT_NAME_PATTERN,
  type ScriptName,
  scriptNameSchema,
} from "../../core/documents/common.ts";
import { VerificationError } from "../../core/errors.ts";
import { parsePublicKey } from "../../core/key.ts";
import { rangeSchema } from "../../core/semver_range.ts";
import { type GenericSchema, is, safeParse } from "valibot";
import { isSeq } from "yaml";
import { parseQuantity, type Quantity, unitsOf } from "../units.ts";
import { parsed } from "../yaml/decoders.ts";
import type { Decoder } from "../yaml/decoder.ts";
import type { Place } from "../yaml/place.ts";

/** The longest free text, a reason. */
const MAX_TEXT = 500;

/** A publisher, orderer, label or fleet. */
export const name: Decoder<string> = parsed((value) => {
  if (isName(value)) return { ok: value };
  const near = value.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 64);
  return {
    code: "bad_value",
    message: near === value
      ? `must be another word: ${JSON.stringify(value)} means something else to JSON`
      : `must be 1 to 64 of a-z, 0-9 and -: got ${JSON.stringify(value)}`,
    hint: isName(near) ? `did you mean "${near}"?` : undefined,
  };
}, { pattern: NAME_PATTERN });

/** `publisher/name`. */
export const scriptName: Decoder<ScriptName> = parsed(
  (value) =>
    is(scriptNameSchema, value) ? { ok: value } : {
      code: "bad_value",
      message: `must be "publisher/name", each of a-z, 0-9 and -: got ${JSON.stringify(value)}`,
    },
  { pattern: SCRIPT_NAME_PATTERN },
);

/** A public key; the text is not shown when it does not say that it is one. */
export const publicKey: Decoder<PublicKey> = parsed((value) => {
  try {
    return { ok: parsePublicKey(value) };
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    if (error.code === "low_order_key") {
      return {
        code: "low_order_key",
        message: "must not be a key of small order, which verifies forged signatures",
      };
    }
    const shown = value.startsWith("ed25519:")
      ? JSON.stringify(value)
      : "a text without the prefix";
    return {
      code: "bad_value",
      message: `must be "ed25519:" and 43 base64url characters: got ${shown}`,
      hint: value.startsWith("writ-key:")
        ? "that is a key's id; the key itself is needed"
        : undefined,
    };
  }
}, { pattern: "^ed25519:[A-Za-z0-9_-]{43}$" });

/** A key's thumbprint, an agent's id. */
export const keyId: Decoder<KeyId> = parsed((value) =>
  is(keyIdSchema, value) ? { ok: value } : {
    code: "bad_value",
    message: `must be "writ-key:" and 43 base64url characters: got ${JSON.stringify(value)}`,
    hint: value.startsWith("ed25519:") ? "that is a key; its id is needed" : undefined,
  }, { pattern: "^writ-key:[A-Za-z0-9_-]{43}$" });

/** A SHA-256 digest. */
export const digest: Decoder<Digest> = parsed((value) => {
  if (is(digestSchema, value)) return { ok: value };
  const guess = `sha256:${value.replace(/^sha256[:-]?/i, "").toLowerCase()}`;
  return {
    code: "bad_value",
    message: `must be "sha256:" and 64 hexadecimal digits: got ${JSON.stringify(value)}`,
    hint: is(digestSchema, guess) ? `did you mean "${guess}"?` : undefined,
  };
}, { pattern: "^sha256:[0-9a-f]{64}$" });

/** A semver range. */
export const range: Decoder<string> = parsed((value) =>
  is(rangeSchema, value) ? { ok: value } : {
    code: "bad_value",
    message: `must be a version range like "^1.4.0": got ${JSON.stringify(value)}`,
  }
);

/** A point in time, UTC with whole seconds. */
export const instant: Decoder<string> = parsed((value) => {
  if (is(instantSchema, value)) return { ok: value };
  const day = `${value}T00:00:00Z`;
  return {
    code: "bad_value",
    message: `must be a time like "2026-01-31T09:00:00Z": got ${JSON.stringify(value)}`,
    hint: is(instantSchema, day) ? `did you mean "${day}"?` : undefined,
  };
}, { pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$" });

/** Free text of reasonable length. */
export const reason: Decoder<string> = parsed((value) =>
  value.length <= MAX_TEXT && value.trim() !== "" ? { ok: value } : {
    code: "bad_value",
    message: `must be 1 to ${MAX_TEXT} characters: got ${value.length}`,
  }
);

/** A size in bytes or a time in milliseconds, written with its unit. */
export function quantity(kind: Quantity): Decoder<number> {
  return parsed((value) => {
    const result = parseQuantity(kind, value);
    return typeof result === "number" ? { ok: result } : { code: "bad_unit", ...result };
  }, { type: "string", pattern: `^\\d{1,16}\\s*(${unitsOf(kind).join("|")})$` });
}

/** Keys in the file, also those that could not be read: a threshold is not judged by the rest. */
export function writtenKeys(place: Place): number {
  const node = place.file.find([...place.segments, "keys"]);
  return isSeq(node) ? node.items.length : 0;
}

/** A value that one of the documents' schemas takes. */
export const fits = (schema: GenericSchema<string>): Decoder<string> =>
  parsed((value) => {
    const { success, issues } = safeParse(schema, value);
    if (success) return { ok: value };
    return { code: "bad_value", message: `${issues[0].message}: got ${JSON.stringify(value)}` };
  });
