import { FIRST_BYTES } from "./cell_fetch.ts";

/** The body of a request as it is pulled, piece by piece. */
export class RequestBody {
  readonly #source: ReadableStream<Uint8Array> | Uint8Array;
  readonly #mostBytes: number;
  readonly #chunkBytes: number;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** What came and was not taken yet. */
  #rest = new Uint8Array(0);
  #bytes = 0;
  #begun = false;

  /**
   * @param mostBytes Of the whole body.
   * @param chunkBytes Of one piece.
   * @param firstBytes That came before, and went another way.
   */
  constructor(
    source: ReadableStream<Uint8Array> | Uint8Array,
    mostBytes: number,
    chunkBytes: number,
    firstBytes = 0,
  ) {
    this.#source = source;
    this.#mostBytes = mostBytes;
    this.#chunkBytes = chunkBytes;
    this.#bytes = firstBytes;
    this.#begun = firstBytes > 0;
  }

  /**
   * One call at a time.
   *
   * @returns The next piece; nothing at the end.
   * @throws {RangeError} when the body is longer than it may be
   * @throws what the stream throws: the client is gone, say
   */
  async next(): Promise<Uint8Array | undefined> {
    this.#reader ??= streamOf(this.#source).getReader();
    while (this.#rest.length === 0) {
      const { value, done } = await this.#reader.read();
      if (done) return undefined;
      this.#bytes += value.length;
      if (this.#bytes > this.#mostBytes) {
        throw new RangeError(`the request's body is longer than ${this.#mostBytes} bytes`);
      }
      this.#rest = value as Uint8Array<ArrayBuffer>;
    }
    // A script that reads a head, and has the agent keep the rest, gets little more than that.
    const most = this.#begun ? this.#chunkBytes : FIRST_BYTES;
    this.#begun = true;
    const piece = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  /** Nobody wants the rest. */
  cancel(reason: string): void {
    if (this.#reader) this.#reader.cancel(reason).catch(() => {});
    else if (this.#source instanceof ReadableStream) this.#source.cancel(reason).catch(() => {});
  }
}

function streamOf(source: ReadableStream<Uint8Array> | Uint8Array): ReadableStream<Uint8Array> {
  return source instanceof Uint8Array ? ReadableStream.from([source]) : source;
}
