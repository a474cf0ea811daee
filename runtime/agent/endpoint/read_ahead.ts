import { FIRST_BYTES } from "../../sandbox/mod.ts";
import { type BodyChunks, chunksOf } from "./body_chunks.ts";

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

/** Turns of the event loop that a body's beginning may take, once the request's head is there. */
const FIRST_TURNS = 2;

/** A client's body on its way to a cell. */
export interface ComingBody {
  /** What came at once, at most {@linkcode FIRST_BYTES}; the rest comes after it. */
  readonly first: Uint8Array;
  /** Nothing where `first` is all. */
  readonly rest: ReadableStream<Uint8Array> | null;
}

/**
 * Reads a client's body a little ahead, and gives it in larger pieces: each piece costs a cell two
 * ways through its pipe, and clients send in small ones. What waits is bounded; nothing waits for
 * more to come, but a beginning that is there already is given apart. Each piece is whoever reads it
 * to give away.
 *
 * @param isFramed Whether the client sends it in chunks, of which each says its length.
 */
export async function readAhead(
  body: ReadableStream<Uint8Array>,
  isFramed = false,
): Promise<ComingBody> {
  const ahead = new ReadAhead(body, isFramed);
  for (let turn = 0; turn < FIRST_TURNS && !ahead.hasBegun; turn++) await turnOfLoop();
  const first = ahead.takeFirst();
  return { first, rest: ahead.isOver ? null : ahead.stream() };
}

function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

class ReadAhead {
  readonly #source: BodyChunks;
  readonly #waiting = new Pieces();
  /** Until somebody reads, no more than one piece: a request that nobody reads costs little. */
  #aheadBytes = PIECE_BYTES;
  #ended = false;
  #failure: { error: unknown } | undefined;
  #wake = () => {};
  #more = () => {};

  constructor(body: ReadableStream<Uint8Array>, isFramed: boolean) {
    this.#source = chunksOf(body, isFramed);
    void this.#pump();
  }

  get hasBegun(): boolean {
    return this.#waiting.bytes > 0 || this.#ended;
  }

  /** All came, and all was taken. */
  get isOver(): boolean {
    return this.#ended && !this.#failure && this.#waiting.bytes === 0;
  }

  takeFirst(): Uint8Array {
    return this.#waiting.takeFirst(FIRST_BYTES);
  }

  stream(): ReadableStream<Uint8Array> {
    const waiting = this.#waiting;
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        this.#aheadBytes = AHEAD_BYTES;
        this.#more();
        while (!this.hasBegun) await new Promise<void>((resolve) => this.#wake = resolve);
        if (waiting.bytes > 0) {
          controller.enqueue(waiting.take());
          return this.#more();
        }
        if (this.#failure) return controller.error(this.#failure.error);
        controller.close();
      },
      cancel: async (reason) => {
        this.#ended = true;
        this.#more();
        await this.#source.cancel(reason);
      },
    }, { highWaterMark: 0 });
  }

  async #pump(): Promise<void> {
    const waiting = this.#waiting;
    let breathIn = BREATH_BYTES;
    try {
      for (let chunk; !this.#ended && (chunk = await this.#source.next());) {
        waiting.add(chunk);
        breathIn -= chunk.length;
        this.#wake();
        while (waiting.bytes >= (breathIn > 0 ? this.#aheadBytes : 1) && !this.#ended) {
          await new Promise<void>((resolve) => this.#more = resolve);
        }
        if (breathIn > 0) continue;
        await breath();
        breathIn = BREATH_BYTES;
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#ended = true;
    this.#wake();
  }
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

  /** Of the first piece. */
  takeFirst(most: number): Uint8Array {
    if (this.bytes === 0) return new Uint8Array(0);
    const [head] = this.#full;
    const piece = head ?? this.#last.subarray(0, this.#filled);
    const first = piece.slice(0, most);
    this.bytes -= first.length;
    if (head) this.#full[0] = head.subarray(first.length);
    else {
      this.#last.copyWithin(0, first.length, this.#filled);
      this.#filled -= first.length;
    }
    return first;
  }

  take(): Uint8Array {
    const full = this.#full.shift();
    const piece = full ?? this.#last.slice(0, this.#filled);
    if (!full) this.#filled = 0;
    this.bytes -= piece.length;
    return piece;
  }
}
