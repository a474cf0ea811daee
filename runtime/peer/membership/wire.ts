import * as v from "valibot";
import { decodeBase64, encodeBase64 } from "../../core/base64.ts";
import { keyIdSchema } from "../../core/documents/common.ts";
import { PeerError } from "../errors.ts";

/** Where adverts are exchanged, and where an agent is asked for. */
export const EXCHANGE_PATH = "/v1/peers/exchange";
export const RESOLVE_PATH = "/v1/peers/resolve";

/** Adverts of others in one exchange. */
export const EXCHANGED_ADVERTS = 3;

/** Bytes of a body with as many adverts as an exchange has. */
export const EXCHANGE_BYTES = 64 << 10;
const advertText = v.pipe(v.string(), v.maxLength(16_384), v.regex(/^[A-Za-z0-9_-]*$/));

/** Adverts of an exchange, either way: the sender's own first. */
export const exchangeSchema = v.strictObject({
  adverts: v.pipe(v.array(advertText), v.maxLength(1 + EXCHANGED_ADVERTS)),
});
/** A question for an agent. */
export const questionSchema = v.strictObject({
  id: v.pipe(v.string(), v.uuid()),
  agent: keyIdSchema,
  hops: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(16)),
});
/** A question for an agent, to who asks nobody else. */
export const soughtSchema = v.strictObject({ agent: keyIdSchema });
/** Its answer. */
export const resolvedSchema = v.strictObject({ advert: v.nullable(advertText) });

/** Adverts as they travel. */
export function writeAdverts(adverts: readonly Uint8Array[]) {
  return { adverts: adverts.map((bytes) => encodeBase64(bytes, "base64url")) };
}

/** @throws {PeerError} bad_field – for text that is no base64url */
export function readAdvert(text: string): Uint8Array {
  const bytes = decodeBase64(text, "base64url");
  if (bytes) return bytes;
  throw new PeerError("bad_field", "Cannot read an advert as it is not base64url");
}
