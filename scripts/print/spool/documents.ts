import type { ComingDocument } from "../ipp/request_head.ts";
import type { BlobRecord } from "writ";
import { isOver, type Kept } from "./job.ts";
import type { Spool, SpoolContext } from "./spool.ts";

/** How a document is kept. */
export interface Keeping {
  /** The longest that is taken. */
  readonly bytes: number;
  readonly mediaType: string;
}

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
   * @param use Called with what keeps it, and the record of the job if there is one: the call puts
   * both on disk in the same moment.
   * @throws {RangeError} when it is longer than is taken
   */
  async take<T>(
    ctx: SpoolContext,
    { first, rest }: ComingDocument,
    { bytes, mediaType }: Keeping,
    use: (keep: (record?: BlobRecord) => Promise<Kept>) => Promise<T>,
  ): Promise<T> {
    while (this.#deleting) await this.#deleting;
    this.#arriving++;
    const keep = (record?: BlobRecord) =>
      ctx.blobs.put([first, rest], { mediaType, most: bytes, ...record && { record } });
    try {
      return await use(keep);
    } catch (error) {
      if ((error as { code?: unknown }).code !== "too_long") throw error;
      throw new RangeError(`the document has more than ${bytes} bytes`, { cause: error });
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
