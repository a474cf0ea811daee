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

/** Takes pieces while a few before them are still on their way to the file. */
export class WriteBehind {
  readonly #file: IncomingFile;
  readonly #underWay = new Set<Promise<void>>();
  #bytes = 0;
  #failure: { error: unknown } | undefined;

  constructor(file: IncomingFile) {
    this.#file = file;
  }

  /** Resolves when there is room for more. What failed before is told now. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    const { length } = bytes;
    this.#bytes += length;
    const written: Promise<void> = this.#file.write(bytes)
      .catch((error) => void (this.#failure ??= { error }))
      .finally(() => {
        this.#bytes -= length;
        this.#underWay.delete(written);
        release(bytes);
      });
    this.#underWay.add(written);
    while (this.#bytes > BEHIND_BYTES) await Promise.race(this.#underWay);
  }

  /** Resolves when all is in the file. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
    if (this.#failure) throw this.#failure.error;
  }
}
