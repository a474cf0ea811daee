import {
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { decodeBase64, encodeBase64 } from "../../core/base64.ts";
import type { KeyId, PublicKey } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import { PeerError } from "../errors.ts";
import type { Message } from "../message.ts";
import { signResponse, verifyResponse } from "../response_signature.ts";
import { LABEL, SOCKET_FIELD } from "../sign_request.ts";
import { readSignatureFields } from "../signature_fields.ts";
import { parametersOf } from "../signature_parameters.ts";
import { SOCKET_LIMITS } from "./limits.ts";

/** The keys of one socket, one for each direction. */
export interface SocketKeys {
  readonly send: Uint8Array;
  readonly receive: Uint8Array;
}

const KEY_BYTES = 32;
const FIELD = /^x25519=:([A-Za-z0-9+/]{43}=):$/;
const HELLO_FIELDS = [SOCKET_FIELD, "signature-input", "signature"] as const;

/**
 * One side's half of a key that nobody else can have: made for this socket and forgotten with it,
 * so that a stolen identity opens nothing that was recorded before.
 *
 * @see RFC 7748, "Curve25519"
 */
export class HalfKey {
  readonly #privateKey: KeyObject;
  /** The public half as the `Writ-Socket` field, which the signature of a request covers. */
  readonly field: string;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("x25519");
    this.#privateKey = privateKey;
    const { x } = publicKey.export({ format: "jwk" });
    this.field = `x25519=:${encodeBase64(decodeBase64(x!, "base64url")!)}:`;
  }

  /** @throws {PeerError} bad_field – the other half is none, or one that leaves no secret */
  agree(field: string | null): Uint8Array {
    const bytes = decodeBase64(FIELD.exec(field ?? "")?.[1] ?? "");
    if (bytes?.length !== KEY_BYTES) throw badHalf();
    const x = encodeBase64(bytes, "base64url");
    try {
      const publicKey = createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
      const secret = new Uint8Array(diffieHellman({ privateKey: this.#privateKey, publicKey }));
      if (secret.some((byte) => byte !== 0)) return secret;
    } catch (cause) {
      throw badHalf(cause);
    }
    throw badHalf();
  }
}

/**
 * The server's answer to a signed upgrade, which it proves itself with: its half of the key, signed
 * together with the client's signature. It is the first frame, since a client is not shown the
 * fields of a 101 response.
 */
export function writeHello(
  request: Message,
  half: HalfKey,
  options: { signer: Signer; now: number },
): { hello: Uint8Array; keys: SocketKeys } {
  const headers = new Headers({ [SOCKET_FIELD]: half.field });
  signResponse({ status: 101, headers }, request, options);
  const secret = half.agree(request.headers.get(SOCKET_FIELD));
  const { client, server } = deriveKeys(secret, request.headers, headers);
  const hello = JSON.stringify(Object.fromEntries(HELLO_FIELDS.map((name) => [
    name,
    headers.get(name),
  ])));
  return { hello: new TextEncoder().encode(hello), keys: { send: server, receive: client } };
}

/**
 * Verifies the server's answer.
 *
 * @param from The agent that was asked.
 * @returns With the key that the agent has signed with.
 * @throws {PeerError} unsigned, bad_field, not_covered, unknown_key, bad_signature – it is not by
 *   that agent, or not to this upgrade
 */
export function readHello(
  hello: Uint8Array,
  request: Message,
  half: HalfKey,
  from: KeyId,
): { keys: SocketKeys; key: PublicKey } {
  const headers = parseHello(hello);
  verifyResponse({ status: 101, headers }, request, from);
  const { keyid: key } = parametersOf(readSignatureFields({ headers }, LABEL).input, [
    "created",
    "keyid",
  ]);
  // The signature covers the half where there is one; without one there is no key to agree on.
  const secret = half.agree(headers.get(SOCKET_FIELD));
  const { client, server } = deriveKeys(secret, request.headers, headers);
  return { keys: { send: client, receive: server }, key };
}

function parseHello(hello: Uint8Array): Headers {
  try {
    if (hello.length > SOCKET_LIMITS.HELLO_BYTES) throw new RangeError("it is too long");
    const found = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(hello));
    return new Headers(HELLO_FIELDS.map((name) => [name, String(found[name])]));
  } catch (cause) {
    throw new PeerError("bad_field", "Cannot read the answer to an upgrade", { cause });
  }
}

/**
 * Both signatures go into the keys: who changed a word of the handshake, or stands between two of
 * them, has other keys.
 *
 * @see RFC 5869, "HMAC-based Key Derivation Function (HKDF)"
 */
function deriveKeys(
  secret: Uint8Array,
  request: Pick<Headers, "get">,
  answer: Headers,
): { client: Uint8Array; server: Uint8Array } {
  const transcript = createHash("sha256");
  for (const headers of [request, answer]) {
    for (const name of HELLO_FIELDS) transcript.update(`${name}: ${headers.get(name)}\n`);
  }
  const salt = transcript.digest();
  const key = (info: string) => new Uint8Array(hkdfSync("sha256", secret, salt, info, KEY_BYTES));
  return { client: key("writ socket 1 client"), server: key("writ socket 1 server") };
}

function badHalf(cause?: unknown): PeerError {
  return new PeerError("bad_field", "Cannot agree on a key as the other half is none", { cause });
}
