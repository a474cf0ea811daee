import { decodeBase64, encodeBase64 } from "../../core/base64.ts";
import type { Digest } from "../../core/documents/common.ts";
import { hexOf } from "../../core/digest.ts";

/** Bits that are set for each member. */
const HASHES = 4;
/** Bits for each member: about one wrong yes in 40. */
const BITS_PER_MEMBER = 8;
/** Bytes: what an advert can carry. */
const MIN_BYTES = 16;
const MAX_BYTES = 1024;

/**
 * A set of digests in few bytes, which sometimes says yes where it should say no and never the
 * other way round. A digest is a hash already, so its own bytes say which bits to set.
 */
export class BloomFilter {
  readonly #bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** As large as the members need, up to what an advert can carry. */
  static of(members: readonly Digest[]): BloomFilter {
    const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, members.length * BITS_PER_MEMBER / 8)));
    const bytes = new Uint8Array(Math.min(MAX_BYTES, Math.max(MIN_BYTES, wanted)));
    const filter = new BloomFilter(bytes);
    for (const member of members) {
      for (const bit of filter.#bitsOf(member)) bytes[bit >> 3]! |= 1 << (bit & 7);
    }
    return filter;
  }

  /**
   * Reads what {@linkcode toString} wrote.
   *
   * @returns A filter that says no to everything for a text that is none.
   */
  static parse(text: string): BloomFilter {
    const bytes = decodeBase64(text, "base64url") ?? new Uint8Array();
    const whole = bytes.length <= MAX_BYTES && Number.isInteger(Math.log2(bytes.length));
    return new BloomFilter(whole ? bytes : new Uint8Array(MIN_BYTES));
  }

  has(digest: Digest): boolean {
    return this.#bitsOf(digest).every((bit) => (this.#bytes[bit >> 3]! & (1 << (bit & 7))) !== 0);
  }

  toString(): string {
    return encodeBase64(this.#bytes, "base64url");
  }

  #bitsOf(digest: Digest): number[] {
    const hex = hexOf(digest);
    return Array.from({ length: HASHES }, (_, i) => {
      return Number.parseInt(hex.slice(i * 8, i * 8 + 8), 16) % (this.#bytes.length * 8);
    });
  }
}
