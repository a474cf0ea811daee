/** What a cell takes in one piece. */
const PIECE_BYTES = 256 << 10;
/** What is read before anybody wants it. */
const AHEAD_BYTES = 1 << 20;

/**
 * After so much, the event loop comes to rest once. One that always has a body to read looks at all
 * other pipes and sockets once in 61 reads: for seconds, on a busy machine, and a cell whose signs
 * of life nobody reads is taken for a dead one.
 */
const BREATH_BYTES = 4 << 20;

/**
 * Reads a client's body a little ahead, and gives it in larger pieces: each piece costs a cell two
 * ways through its pipe, and clients send in small ones. What waits is bounded; nothing waits for
 * more to come. Each piece is whoever reads it to give away.
 */
export function readAhead(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const source = chunksOf(body);
  const waiting = new Pieces();
  let ended = false;
  let failure: { error: unknown } | undefined;
  let wake = () => {};
  let more = () => {};

  const room = () => new Promise<void>((resolve) => more = resolve);

  const pump = async () => {
    let breathIn = BREATH_BYTES;
    try {
      for (let chunk; !ended && (chunk = await source.next());) {
        waiting.add(chunk);
        breathIn -= chunk.length;
        wake();
        while (waiting.bytes >= (breathIn > 0 ? AHEAD_BYTES : 1) && !ended) await room();
        if (breathIn > 0) continue;
        await breath();
        breathIn = BREATH_BYTES;
      }
    } catch (error) {
      failure = { error };
    }
    ended = true;
    wake();
  };

  let pumping: Promise<void> | undefined;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      pumping ??= pump();
      while (waiting.bytes === 0 && !ended) await new Promise<void>((resolve) => wake = resolve);
      if (waiting.bytes > 0) {
        controller.enqueue(waiting.take());
        return more();
      }
      if (failure) return controller.error(failure.error);
      controller.close();
    },
    async cancel(reason) {
      ended = true;
      more();
      await source.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

/** The first timer may be over due to work that was left; with the second, nothing else is. */
async function breath(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Bytes that came, packed into as few pieces as they fit in. */
class Pieces {
  bytes = 0;
  readonly #full: Uint8Array[] = [];
  /** Where the next bytes go. */
  #last = new Uint8Array(PIECE_BYTES);
  #filled = 0;

  add(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + PIECE_BYTES - this.#filled);
      this.#last.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < PIECE_BYTES) continue;
      this.#full.push(this.#last);
      this.#last = new Uint8Array(PIECE_BYTES);
      this.#filled = 0;
    }
  }

  take(): Uint8Array {
    const piece = this.#full.shift() ?? this.#last.slice(0, this.#filled);
    if (piece.length < PIECE_BYTES) this.#filled = 0;
    this.bytes -= piece.length;
    return piece;
  }
}

/** Chunks as they come, each good until the next is asked for. */
interface Chunks {
  next(): Promise<Uint8Array | undefined>;
  cancel(reason: unknown): Promise<void>;
}

/** Into one buffer again and again, where the stream can do so, as those of a server do. */
function chunksOf(body: ReadableStream<Uint8Array>): Chunks {
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
  let buffer = new ArrayBuffer(PIECE_BYTES);
  return {
    async next() {
      const { value, done } = await reader.read(new Uint8Array(buffer));
      if (value) buffer = value.buffer;
      return done ? undefined : value;
    },
    cancel: (reason) => reader.cancel(reason),
  };
}
