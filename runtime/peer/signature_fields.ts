import {
  type Dictionary,
  type InnerList,
  isInnerList,
  parseDictionary,
  serializeInnerList,
  serializeItem,
} from "structured-headers";
import { PeerError } from "./errors.ts";
import { PEER_LIMITS } from "./limits.ts";
import type { Message } from "./message.ts";

/** What is read of the two fields of a signature. */
export interface SignatureFields {
  /** The covered components and the parameters. */
  readonly input: InnerList;
  /** The same as it is written. */
  readonly written: string;
  /** The 64 bytes, if they are that. */
  readonly signature: Uint8Array;
}

/**
 * Reads `Signature-Input` and `Signature`. Their lengths are looked at before anything is parsed,
 * and each must hold the one signature with this label and no other.
 *
 * @throws {PeerError} unsigned – both fields are missing
 * @throws {PeerError} bad_field – one is missing, too long, or not as RFC 8941 writes it
 * @see RFC 9421, "Including a Message Signature in a Message"
 */
export function readSignatureFields({ headers }: Message, label: string): SignatureFields {
  const inputs = headers.get("signature-input");
  const signatures = headers.get("signature");
  if (inputs === null && signatures === null) {
    throw new PeerError("unsigned", "Cannot believe the message as it is not signed");
  }
  const input = onlyMember("Signature-Input", inputs, label, PEER_LIMITS.SIGNATURE_INPUT_CHARS);
  const signature = onlyMember("Signature", signatures, label, PEER_LIMITS.SIGNATURE_CHARS);
  if (!isInnerList(input)) throw badField("Signature-Input", "it is no list of components");
  // Another spelling of the same list would be signed all the same; but nobody has a use for it.
  const written = serializeInnerList(input);
  if (`${label}=${written}` !== inputs) {
    throw badField("Signature-Input", "it is not written canonically");
  }
  const bytes = signature[0];
  if (!(bytes instanceof ArrayBuffer)) throw badField("Signature", "it is no byte sequence");
  // Nothing covers this field itself: what stood beside the bytes would be anybody's.
  if (isInnerList(signature) || `${label}=${serializeItem(signature)}` !== signatures) {
    throw badField("Signature", "it is not written canonically");
  }
  if (signature[1].size > 0) throw badField("Signature", "it has parameters");
  return { input, written, signature: new Uint8Array(bytes) };
}

/** One member of a dictionary field, written canonically; `undefined` when there is none. */
export function memberOf(field: string, key: string): string | undefined {
  if (field.length > PEER_LIMITS.SIGNATURE_INPUT_CHARS) return undefined;
  // What ours looks like needs no parser.
  const only = /^([a-z]+)=(:[A-Za-z0-9+/]{86}==:)$/.exec(field);
  if (only) return only[1] === key ? only[2] : undefined;
  const member = dictionary("A field", field).get(key);
  if (member === undefined) return undefined;
  return isInnerList(member) ? serializeInnerList(member) : serializeItem(member);
}

function onlyMember(name: string, field: string | null, label: string, maxChars: number) {
  if (field === null) throw badField(name, "it is missing");
  if (field.length > maxChars) {
    throw badField(name, `it is longer than ${maxChars} characters: ${field.length}`);
  }
  const members = dictionary(name, field);
  const member = members.get(label);
  if (member === undefined || members.size !== 1) {
    throw badField(name, `it must hold one signature, labelled ${label}`);
  }
  return member;
}

function dictionary(name: string, field: string): Dictionary {
  try {
    return parseDictionary(field);
  } catch (cause) {
    throw badField(name, "it is malformed", cause);
  }
}

function badField(name: string, found: string, cause?: unknown): PeerError {
  return new PeerError("bad_field", `Cannot read ${name} as ${found}`, { cause });
}
