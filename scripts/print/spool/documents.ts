import { isOver } from "./job.ts";
import type { Spool, SpoolContext } from "./spool.ts";

/** The most of a document that goes to the agent at once. */
const PIECE_BYTES = 256 << 10;

/**
 * The documents of jobs. Two jobs with the same document share it, so none is deleted while one is
 * on its way in: what comes may be what goes.
 */
export class Documents {
  #arriving = 0;
  #deleting: Promise<void> | undefined;
  #swept = false;

  /**
   * Keeps a document while `use` makes a job of it.
   *
   * @param bytes The longest that is taken.
   * @throws {RangeError} when it is longer
   */
  async take<T>(
    ctx: SpoolContext,
    document: ReadableStream<Uint8Array>,
    { bytes, mediaType }: { bytes: number; mediaType: string },
    use: (kept: { sha256: string; length: number }) => Promise<T>,
  ): Promise<T> {
    while (this.#deleting) await this.#deleting;
    this.#arriving++;
    try {
      return await use(await ctx.blobs.put(document.pipeThrough(atMost(bytes)), { mediaType }));
    } finally {
      this.#arriving--;
    }
  }

  /** Deletes the documents of jobs that are over, and what a crash left; later when one arrives. */
  async discard(ctx: SpoolContext, spool: Spool, keepMs: (queue: string) => number): Promise<void> {
    if (this.#arriving > 0 || this.#deleting) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#deleting = promise;
    try {
      if (!this.#swept) await this.#sweep(ctx, spool);
      this.#swept = true;
      const now = Date.now();
      const old = [...spool.all()].filter((job) =>
        isOver(job) && job.document !== null && job.ended! + keepMs(job.queue) <= now
      );
      const going = new Set(old.map(({ id }) => id));
      const used = shaOf(spool, (id) => !going.has(id));
      for (const { id, document } of old) {
        if (!used.has(document!.sha256)) await ctx.blobs.delete(document!.sha256);
        await spool.change(ctx, id, () => ({ document: null }));
      }
    } finally {
      this.#deleting = undefined;
      resolve();
    }
  }

  async #sweep(ctx: SpoolContext, spool: Spool): Promise<void> {
    const used = shaOf(spool, () => true);
    for (const { sha256 } of await ctx.blobs.list()) {
      if (!used.has(sha256)) await ctx.blobs.delete(sha256);
    }
  }
}

function shaOf(spool: Spool, counts: (id: number) => boolean): Set<string> {
  const used = new Set<string>();
  for (const { id, document } of spool.all()) if (document && counts(id)) used.add(document.sha256);
  return used;
}

/**
 * Passes on what comes, up to a length, in pieces as large as the agent takes: each is a call, and a
 * network brings many small ones. Compressed documents come here unpacked.
 */
function atMost(bytes: number): TransformStream<Uint8Array, Uint8Array> {
  let length = 0, piece = new Uint8Array(PIECE_BYTES), filled = 0;
  const pass = (controller: TransformStreamDefaultController<Uint8Array>) => {
    controller.enqueue(piece.subarray(0, filled));
    piece = new Uint8Array(PIECE_BYTES);
    filled = 0;
  };
  return new TransformStream({
    transform(chunk, controller) {
      length += chunk.length;
      if (length > bytes) throw new RangeError(`the document has more than ${bytes} bytes`);
      for (let at = 0; at < chunk.length;) {
        const part = chunk.subarray(at, at + PIECE_BYTES - filled);
        piece.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled === PIECE_BYTES) pass(controller);
      }
    },
    flush(controller) {
      if (filled > 0) pass(controller);
    },
  });
}
