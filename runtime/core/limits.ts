/** Every size and time bound of the trust path, in one place. Bytes are bytes, times milliseconds. */
export const LIMITS = {
  /** A `root` envelope. */
  ROOT_BYTES: 1 << 20,
  /** An `acceptlist` envelope. */
  ACCEPTLIST_BYTES: 4 << 20,
  /** An `order` envelope. */
  ORDER_BYTES: 1 << 20,
  /** A `manifest` envelope. */
  MANIFEST_BYTES: 64 << 10,
  /** An `advert` envelope. */
  ADVERT_BYTES: 8 << 10,
  /** A `release` envelope. */
  RELEASE_BYTES: 16 << 10,
  /** The list of a release's files. */
  RELEASE_LIST_BYTES: 4 << 20,
  /** One part of a release's file: as much of it as is held in memory. */
  RELEASE_PART_BYTES: 4 << 20,
  /** A module, before types are stripped. */
  MODULE_BYTES: 8 << 20,
  /** A source map, which holds the author's files too. */
  SOURCE_MAP_BYTES: 16 << 20,
  /** Signatures in one envelope. */
  SIGNATURES: 16,
  /** Nesting of any JSON document. */
  JSON_DEPTH: 64,
  /** How far in the future `issued` may lie, for clocks that differ. */
  CLOCK_SKEW_MS: 5 * 60_000,
  /** Root versions that are walked in one update. */
  ROOT_CHAIN: 1024,
} as const;

/** `MB` in policies, limits and reports: 10⁶ bytes. */
export const MB = 1_000_000;
