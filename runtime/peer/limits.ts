/** Every size and time bound of signed HTTP, in one place. Characters are UTF-16 units, times milliseconds. */
export const PEER_LIMITS = {
  /** A `Signature-Input` field; ours has about 330. */
  SIGNATURE_INPUT_CHARS: 1_024,
  /** A `Signature` field; ours has 96. */
  SIGNATURE_CHARS: 256,
  /** A `Content-Digest` field; ours has 54. */
  CONTENT_DIGEST_CHARS: 256,
  /** The nonce of a call: from 16 random bytes in base64url. */
  NONCE_MIN_CHARS: 22,
  NONCE_CHARS: 64,
  /** From `created` to `expires`, at most; what {@link signRequest} gives a call. */
  LIFETIME_MS: 5 * 60_000,
  /** How far in the future `created` may lie, for clocks that differ. */
  CLOCK_SKEW_MS: 5 * 60_000,
} as const;
