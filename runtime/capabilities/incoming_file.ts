import type { Digest } from "../core/documents/common.ts";
import { release } from "../sandbox/mod.ts";

/** Pieces of one upload that are not in its file yet. */
const BEHIND_BYTES = 1 << 20;

/** A file on its way into a folder of documents. */
export interface IncomingFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when all of it is written. */
  end(): Promise<{ digest: Digest; length: number }>;
  /** Gives it its name, unless what has it is there; resolves when content and name are on disk. */
  keep(): Promise<void>;
  /** Removes what is there of it; nothing after `keep`. */
  abort(): void;
}

/**
 * Takes pieces while a few before them are still on their way to the file. What came while one write
 * was under way goes with the next: each is a way to another thread, and a client may send its
 * document in pieces of a kilobyte.
 */
export class WriteBehind {
  readonly #file: IncomingFile;
  #waiting: Uint8Array[] = [];
  /** Waiting, or under way. */
  #bytes = 0;
  #writing: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;

  constructor(file: IncomingFile) {
    this.#file = file;
  }

  /** Resolves when there is room for more. What failed before is told now. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    this.#bytes += bytes.length;
    this.#waiting.push(bytes);
    this.#writing ??= this.#writeAll();
    if (this.#bytes > BEHIND_BYTES) await this.#writing;
  }

  /** Resolves when all is in the file. */
  async settled(): Promise<void> {
    await this.#writing;
    if (this.#failure) throw this.#failure.error;
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const bytes = joined(this.#waiting);
        this.#waiting = [];
        await this.#file.write(bytes);
        this.#bytes -= bytes.length;
        release(bytes);
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#writing = undefined;
  }
}

/** The pieces are given away. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (pieces.length === 1) return first!;
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
    release(piece);
  }
  return whole;
}
