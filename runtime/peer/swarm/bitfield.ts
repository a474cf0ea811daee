/** Which chunks of a blob are there: one bit each, the first in the highest bit of the first byte. */
export class Bitfield {
  readonly length: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #count = 0;

  /** @param length Chunks. */
  constructor(length: number) {
    this.length = length;
    this.#bytes = new Uint8Array(Math.ceil(length / 8));
  }

  /**
   * Reads what {@linkcode bytes} gave.
   *
   * @throws {RangeError} – another number of bytes, or bits behind the last chunk
   */
  static from(bytes: Uint8Array, length: number): Bitfield {
    const field = new Bitfield(length);
    if (bytes.length !== field.#bytes.length) {
      throw new RangeError(`a bitfield of ${bytes.length} bytes for ${length} chunks`);
    }
    for (let index = 0; index < bytes.length * 8; index++) {
      if ((bytes[index >> 3]! & (0x80 >> (index & 7))) === 0) continue;
      if (index >= length) throw new RangeError(`a bit behind the last of ${length} chunks`);
      field.add(index);
    }
    return field;
  }

  /** How many chunks are there. */
  get count(): number {
    return this.#count;
  }

  /** Whether none is missing. */
  get full(): boolean {
    return this.#count === this.length;
  }

  has(index: number): boolean {
    return (this.#bytes[index >> 3]! & (0x80 >> (index & 7))) !== 0;
  }

  add(index: number): void {
    if (this.has(index)) return;
    this.#bytes[index >> 3]! |= 0x80 >> (index & 7);
    this.#count++;
  }

  /** A copy, as it travels. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice();
  }
}
