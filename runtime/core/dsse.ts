import { decodeBase64, encodeBase64 } from "./base64.ts";
import { canonicalBytes, parseCanonical } from "./canonical_json.ts";
import type { PublicKey } from "./documents/common.ts";
import { VerificationError } from "./errors.ts";
import { keyId, type Signer, verifySignature } from "./key.ts";
import { LIMITS } from "./limits.ts";

/** The documents that are signed. */
export type DocumentKind = "root" | "acceptlist" | "manifest" | "order" | "advert" | "release";

/** The longest envelope of each kind, in bytes. */
export const ENVELOPE_BYTES: Readonly<Record<DocumentKind, number>> = {
  root: LIMITS.ROOT_BYTES,
  acceptlist: LIMITS.ACCEPTLIST_BYTES,
  manifest: LIMITS.MANIFEST_BYTES,
  order: LIMITS.ORDER_BYTES,
  advert: LIMITS.ADVERT_BYTES,
  release: LIMITS.RELEASE_BYTES,
};

/** An envelope that was read; its payload is not trusted until {@linkcode signedBy} says so. */
export interface Envelope {
  readonly kind: DocumentKind;
  /** The exact bytes that were signed. */
  readonly payload: Uint8Array;
  /** By the key id each claims, at most {@linkcode LIMITS.SIGNATURES}. */
  readonly signatures: ReadonlyMap<string, Uint8Array>;
}

/** The media type that a document of this kind carries inside its signature. */
export function payloadType(kind: DocumentKind): string {
  return `application/vnd.writ.${kind}.v1+json`;
}

/**
 * The bytes that are signed: lengths first, so that no type and payload can be cut differently.
 *
 * @see DSSE v1.0.2, "Signature Definition"
 */
export function preAuthEncoding(type: string, payload: Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  const head = encoder.encode(
    `DSSEv1 ${encoder.encode(type).length} ${type} ${payload.length} `,
  );
  const message = new Uint8Array(head.length + payload.length);
  message.set(head);
  message.set(payload, head.length);
  return message;
}

/**
 * Writes a document in canonical JSON and signs it.
 *
 * @param payload Any JSON value; its schema is not checked here but by whoever verifies it.
 * @param signers At least one, each with another key.
 * @returns The canonical bytes of the envelope.
 * @throws {TypeError} – when the payload has no JSON form, or there is no signer
 * @throws {VerificationError} too_large, too_many_signatures – when nobody would accept the result
 * @see DSSE v1.0.2, "Protocol"
 */
export function sealDocument(
  kind: DocumentKind,
  payload: unknown,
  signers: readonly Signer[],
): Uint8Array {
  return sealPayload(kind, canonicalBytes(payload), signers);
}

/** As {@linkcode sealDocument}, for a payload that is already bytes. */
export function sealPayload(
  kind: DocumentKind,
  payload: Uint8Array,
  signers: readonly Signer[],
): Uint8Array {
  if (signers.length === 0) throw new TypeError(`Cannot seal a ${kind} without a signer`);
  const message = preAuthEncoding(payloadType(kind), payload);
  const signatures = new Map(
    signers.map((signer) => [keyId(signer.publicKey) as string, signer.sign(message)]),
  );
  return write({ kind, payload, signatures });
}

/**
 * Adds one more signature to an envelope, as the second holder of a threshold does. The payload
 * is neither changed nor trusted; a signature by the same key is replaced.
 *
 * @throws {VerificationError} – as {@linkcode openEnvelope}, and too_many_signatures when it is full
 */
export function addSignature(
  kind: DocumentKind,
  envelope: Uint8Array,
  signer: Signer,
): Uint8Array {
  const { payload, signatures } = openEnvelope(kind, envelope);
  const message = preAuthEncoding(payloadType(kind), payload);
  const more = new Map(signatures).set(keyId(signer.publicKey), signer.sign(message));
  return write({ kind, payload, signatures: more });
}

/**
 * Reads an envelope: size, canonical JSON, exactly the known fields, the kind, the number of
 * signatures, canonical base64. Nothing in it is trusted yet.
 *
 * @throws {VerificationError} too_large – when longer than its kind may be
 * @throws {VerificationError} bad_envelope – when it is not a canonical DSSE envelope, or two
 * signatures claim one key
 * @throws {VerificationError} wrong_kind – when it holds another kind of document
 * @throws {VerificationError} too_many_signatures – when more than {@linkcode LIMITS.SIGNATURES}
 * @see DSSE v1.0.2, "Data structure"; stricter in that `keyid` is required and base64url refused
 */
export function openEnvelope(kind: DocumentKind, bytes: Uint8Array): Envelope {
  if (bytes.length > ENVELOPE_BYTES[kind]) {
    throw new VerificationError(
      "too_large",
      `Cannot read ${a(kind)} as it is longer than ${ENVELOPE_BYTES[kind]} bytes: ${bytes.length}`,
    );
  }
  let value: unknown;
  try {
    value = parseCanonical(bytes);
  } catch (cause) {
    throw badEnvelope(kind, "not canonical JSON", { cause });
  }
  const fields = exactly(value, ["payload", "payloadType", "signatures"]);
  if (!fields || typeof fields.payload !== "string" || !Array.isArray(fields.signatures)) {
    throw badEnvelope(kind, "its fields are not exactly payload, payloadType and signatures");
  }
  if (fields.payloadType !== payloadType(kind)) {
    throw new VerificationError(
      "wrong_kind",
      `Cannot read ${a(kind)} as its type is not ${payloadType(kind)}: ${
        JSON.stringify(fields.payloadType).slice(0, 100)
      }`,
    );
  }
  if (fields.signatures.length > LIMITS.SIGNATURES) throw tooMany(kind, fields.signatures.length);
  const payload = decodeBase64(fields.payload);
  if (!payload) throw badEnvelope(kind, "its payload is not canonical base64");
  const signatures = new Map<string, Uint8Array>();
  for (const entry of fields.signatures) {
    const { keyid, sig } = exactly(entry, ["keyid", "sig"]) ?? {};
    const signature = typeof sig === "string" ? decodeBase64(sig) : undefined;
    if (typeof keyid !== "string" || signature?.length !== 64) {
      throw badEnvelope(kind, "a signature is not a keyid and 64 bytes in canonical base64");
    }
    if (signatures.has(keyid)) throw badEnvelope(kind, "two signatures claim the same key");
    signatures.set(keyid, signature);
  }
  if (signatures.size === 0) throw badEnvelope(kind, "it has no signature");
  return { kind, payload, signatures };
}

/**
 * Those of `keys` that signed the envelope. A signature counts for the key it claims or for none,
 * so each is verified at most once; the set holds public keys, never key ids.
 *
 * @param keys Keys that are already trusted to be what they are for.
 * @throws {VerificationError} bad_schema, low_order_key – when one of `keys` is not a usable key
 */
export function signedBy(envelope: Envelope, keys: Iterable<PublicKey>): Set<PublicKey> {
  const signers = new Set<PublicKey>();
  let message: Uint8Array | undefined;
  for (const key of keys) {
    const signature = envelope.signatures.get(keyId(key));
    if (!signature || signers.has(key)) continue;
    message ??= preAuthEncoding(payloadType(envelope.kind), envelope.payload);
    if (verifySignature(key, message, signature)) signers.add(key);
  }
  return signers;
}

function write({ kind, payload, signatures }: Envelope): Uint8Array {
  if (signatures.size > LIMITS.SIGNATURES) throw tooMany(kind, signatures.size);
  const bytes = canonicalBytes({
    payload: encodeBase64(payload),
    payloadType: payloadType(kind),
    signatures: Array.from(signatures, ([keyid, sig]) => ({ keyid, sig: encodeBase64(sig) })),
  });
  if (bytes.length > ENVELOPE_BYTES[kind]) {
    throw new VerificationError(
      "too_large",
      `Cannot seal ${a(kind)} as it is longer than ${ENVELOPE_BYTES[kind]} bytes: ${bytes.length}`,
    );
  }
  return bytes;
}

function exactly(value: unknown, names: readonly string[]): Record<string, unknown> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const found = Object.keys(value);
  // Canonical JSON has sorted keys, and so has `names`.
  const same = found.length === names.length && found.every((name, i) => name === names[i]);
  return same ? value as Record<string, unknown> : undefined;
}

function a(kind: DocumentKind): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

function tooMany(kind: DocumentKind, count: number): VerificationError {
  return new VerificationError(
    "too_many_signatures",
    `Cannot read ${a(kind)} as it has more than ${LIMITS.SIGNATURES} signatures: ${count}`,
  );
}

function badEnvelope(kind: DocumentKind, found: string, options?: ErrorOptions) {
  return new VerificationError(
    "bad_envelope",
    `Cannot read ${a(kind)} as its envelope is not a canonical DSSE envelope: ${found}`,
    options,
  );
}
