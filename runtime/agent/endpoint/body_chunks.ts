/** The most that is asked for at once. */
const MOST_BYTES = 256 << 10;
/** Of a body in chunks, at first: as long as those of most clients. */
const FRAMED_BYTES = 64 << 10;

/** A body's bytes as they come, each piece good until the next is asked for. */
export interface BodyChunks {
  next(): Promise<Uint8Array | undefined>;
  cancel(reason: unknown): Promise<void>;
}

/**
 * Reads into one buffer again and again, where the stream can do so, as those of a server do.
 *
 * @param isFramed Whether the client sends the body in chunks, of which each says its length.
 */
export function chunksOf(body: ReadableStream<Uint8Array>, isFramed: boolean): BodyChunks {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = body.getReader({ mode: "byob" });
  } catch (error) {
    if (!(error instanceof TypeError) || body.locked) throw error;
    const plain = body.getReader();
    return {
      next: async () => (await plain.read()).value,
      cancel: (reason) => plain.cancel(reason),
    };
  }
  let buffer = new ArrayBuffer(MOST_BYTES);
  const appetite = new Appetite();
  return {
    async next() {
      const bytes = isFramed ? appetite.bytes : MOST_BYTES;
      const { value, done } = await reader.read(new Uint8Array(buffer, 0, bytes));
      if (value) buffer = value.buffer;
      if (done) return undefined;
      if (isFramed) appetite.got(value.length);
      return value;
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

/**
 * How much to ask for of a body that is sent in chunks. Deno 2.9 takes as many bytes from the
 * connection as it is asked for, gives those of one chunk, keeps the others, and moves all it keeps at
 * each read: who asks for 64 KiB and is sent chunks of 4 KiB soon has the whole document in memory,
 * and 10 MB/s. So where chunks are alike, no more is asked for than one has; now and then more is
 * tried. Chunks that are short and all different stay as costly as that.
 */
class Appetite {
  bytes = FRAMED_BYTES;
  #lastLess = 0;
  #fullReads = 0;
  /** Reads that must be full before more is tried: twice as many after each trial. */
  #patience = 64;

  got(bytes: number): void {
    if (bytes < this.bytes) this.#wasLess(bytes);
    else this.#wasFull();
  }

  #wasLess(bytes: number): void {
    if (bytes === this.#lastLess) this.bytes = bytes;
    this.#lastLess = bytes;
    this.#fullReads = 0;
  }

  #wasFull(): void {
    this.#lastLess = 0;
    if (++this.#fullReads < this.#patience) return;
    this.#fullReads = 0;
    this.#patience *= 2;
    this.bytes = Math.min(2 * this.bytes, MOST_BYTES);
  }
}
