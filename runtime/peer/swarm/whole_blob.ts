import { Bitfield } from "./bitfield.ts";
import { chunkLength, type ChunkList } from "./chunk_list.ts";
import type { SeededBlob } from "./swarm_seed.ts";

/** A blob that is all there, given away by chunk. */
export class WholeBlob implements SeededBlob {
  readonly list: ChunkList;
  readonly have: Bitfield;
  readonly #open: () => Promise<Deno.FsFile | undefined>;

  /** @param open Opens the content; `undefined` when it is gone. */
  constructor(list: ChunkList, open: () => Promise<Deno.FsFile | undefined>) {
    this.list = list;
    this.#open = open;
    this.have = new Bitfield(list.chunks.length);
    for (let index = 0; index < list.chunks.length; index++) this.have.add(index);
  }

  /** Whoever asked judges it: what has changed on disk is no chunk any more. */
  async read(index: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    using file = await this.#open();
    if (file === undefined) return undefined;
    const bytes = new Uint8Array(chunkLength(this.list, index));
    await file.seek(index * this.list.chunkBytes, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) {
      const count = await file.read(bytes.subarray(done));
      if (count === null) return undefined;
      done += count;
    }
    return bytes;
  }
}
