import { createHash } from "node:crypto";
import type { Digest } from "./documents/common.ts";

/**
 * The SHA-256 digest of bytes that are all in memory.
 *
 * @returns `sha256:` and 64 lower-case hexadecimal digits.
 * @example
 * ```ts
 * import { digestOf } from "./digest.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(
 *   digestOf(new TextEncoder().encode("abc")),
 *   "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
 * );
 * ```
 */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** A SHA-256 digest over chunks as they arrive, with the count of bytes seen. */
export class Digester {
  readonly #hash = createHash("sha256");
  #length = 0;

  /** Bytes given so far. */
  get length(): number {
    return this.#length;
  }

  update(chunk: Uint8Array): this {
    this.#hash.update(chunk);
    this.#length += chunk.length;
    return this;
  }

  /** The digest of all chunks; afterwards this digester is spent. */
  digest(): Digest {
    return `sha256:${this.#hash.digest("hex")}`;
  }
}

/** The 64 hexadecimal digits of a digest, as file names and paths want them. */
export function hexOf(digest: Digest): string {
  return digest.slice("sha256:".length);
}
