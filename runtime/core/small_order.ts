/**
 * The `y` coordinates of the eight points of small order, little-endian, sign bit cleared, with
 * the two that are also written as `y + p`. Both sign bits of each are refused, which makes the
 * 14 encodings that OpenSSL decodes.
 *
 * @see libsodium 1.0.20, `ge25519_has_small_order`; "Taming the Many EdDSAs" (Chalkias,
 * Garillot, Nikolaenko, 2020), table "Small order points"
 */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  // y = 0, order 4
  "0000000000000000000000000000000000000000000000000000000000000000",
  // y = 1, the neutral element
  "0100000000000000000000000000000000000000000000000000000000000000",
  // order 8
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  // order 8
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  // y = p − 1, order 2
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  // y = p, another way to write 0
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  // y = p + 1, another way to write 1
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

/**
 * Whether a raw Ed25519 public key is a point of small order, under which a signature can be made
 * that verifies for (almost) every message without any private key.
 *
 * @param raw 32 bytes. Not changed.
 */
export function isSmallOrder(raw: Uint8Array): boolean {
  return SMALL_ORDER_Y.has(hexWithoutSign(raw));
}

/**
 * Whether the `y` of a raw Ed25519 public key is below the field's prime. Two texts for one point
 * would let one key count twice towards a threshold.
 *
 * @param raw 32 bytes. Not changed.
 * @see RFC 8032, "Decoding"
 */
export function isCanonicalPoint(raw: Uint8Array): boolean {
  // y ≥ p = 2²⁵⁵ − 19 means: the top 31 bytes are all ones and the lowest is at least 0xed.
  const middle = raw.subarray(1, 31).every((byte) => byte === 0xff);
  return !(middle && (raw[31]! & 0x7f) === 0x7f && raw[0]! >= 0xed);
}

function hexWithoutSign(raw: Uint8Array): string {
  let hex = "";
  for (let i = 0; i < raw.length; i++) {
    const byte = i === 31 ? raw[i]! & 0x7f : raw[i]!;
    hex += byte.toString(16).padStart(2, "0");
  }
  return hex;
}
