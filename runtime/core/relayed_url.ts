import { decodeBase64, encodeBase64 } from "./base64.ts";
import type { KeyId } from "./documents/common.ts";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const SUFFIX = ".relayed.invalid";
const PREFIX = "writ-key:";
const ID_BYTES = 32;

/** An agent that is reached through another. */
export interface RelayedAddress {
  readonly agent: KeyId;
  readonly relay: KeyId;
}

/**
 * An address for an agent that is reached through a relay, so that it can stand wherever an address
 * does. No name server knows the name.
 *
 * @see RFC 6761, "Domain Name Reservation Considerations for \"invalid.\""
 */
export function relayedUrl({ agent, relay }: RelayedAddress): string {
  return `https://${label(agent)}.${label(relay)}${SUFFIX}`;
}

/** What {@linkcode relayedUrl} has written; `undefined` for any other address. */
export function parseRelayedUrl(url: string): RelayedAddress | undefined {
  const host = URL.parse(url)?.hostname;
  if (!host?.endsWith(SUFFIX)) return undefined;
  const labels = host.slice(0, -SUFFIX.length).split(".").map(idOf);
  const [agent, relay] = labels;
  return agent && relay && labels.length === 2 ? { agent, relay } : undefined;
}

/** RFC 4648 base32: names have no capitals, and no room for 64 digits. */
function label(id: KeyId): string {
  const bytes = decodeBase64(id.slice(PREFIX.length), "base64url");
  if (bytes?.length !== ID_BYTES) throw new TypeError(`Cannot write an address for ${id}`);
  let bits = 0n;
  for (const byte of bytes) bits = bits << 8n | BigInt(byte);
  // 256 bits and four zeros are 52 letters.
  bits <<= 4n;
  return Array.from({ length: 52 }, (_, i) => ALPHABET[Number(bits >> BigInt(5 * (51 - i)) & 31n)])
    .join("");
}

function idOf(label: string): KeyId | undefined {
  if (!/^[a-z2-7]{52}$/.test(label)) return undefined;
  let bits = 0n;
  for (const letter of label) bits = bits << 5n | BigInt(ALPHABET.indexOf(letter));
  if ((bits & 15n) !== 0n) return undefined;
  bits >>= 4n;
  const bytes = Uint8Array.from(
    { length: ID_BYTES },
    (_, i) => Number(bits >> BigInt(8 * (ID_BYTES - 1 - i)) & 255n),
  );
  return `${PREFIX}${encodeBase64(bytes, "base64url")}` as KeyId;
}
