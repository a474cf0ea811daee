import * as v from "valibot";
import { PeerError } from "../errors.ts";
import { RELAY_LIMITS } from "./limits.ts";

/** Fields as pairs, in their sequence. */
const fieldsSchema = v.pipe(
  v.array(v.tuple([
    v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,128}$/)),
    v.pipe(v.string(), v.maxLength(16_384), v.regex(/^[\t\x20-\x7e\x80-\xff]*$/)),
  ])),
  v.maxLength(100),
);

const callSchema = v.strictObject({
  method: v.picklist(["GET", "HEAD", "PUT", "POST"]),
  path: v.pipe(v.string(), v.maxLength(8_192), v.regex(/^\/[\x21-\x7e]*$/)),
  fields: fieldsSchema,
  body: v.boolean(),
});
/** A call as it goes through a socket; its body, if it has one, follows in pieces. */
export type CallHead = v.InferOutput<typeof callSchema>;

const answerSchema = v.strictObject({
  status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
  fields: fieldsSchema,
  body: v.boolean(),
});
/** The answer to a call. */
export type AnswerHead = v.InferOutput<typeof answerSchema>;

/** What ends a body; a piece is bytes. */
export const END = "end";

/** @throws {PeerError} bad_field – it is no call */
export function readCallHead(message: string | Uint8Array): CallHead {
  return read(callSchema, message);
}

/** @throws {PeerError} bad_field – it is no answer */
export function readAnswerHead(message: string | Uint8Array): AnswerHead {
  return read(answerSchema, message);
}

export function fieldsOf(headers: Headers): [string, string][] {
  return [...headers];
}

function read<S extends v.GenericSchema>(
  schema: S,
  message: string | Uint8Array,
): v.InferOutput<S> {
  try {
    if (typeof message !== "string") throw new TypeError("it is no text");
    if (message.length > RELAY_LIMITS.HEAD_BYTES) throw new RangeError("it is too long");
    return v.parse(schema, JSON.parse(message));
  } catch (cause) {
    throw new PeerError("bad_field", "Cannot read a call through a socket", { cause });
  }
}
