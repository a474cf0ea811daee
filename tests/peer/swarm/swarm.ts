import { Bitfield } from "../../../runtime/peer/swarm/bitfield.ts";
import { digestOf } from "../../../runtime/core/digest.ts";
import type { Digest } from "../../../runtime/core/documents/common.ts";
import {
  type ChunkList,
  chunkListBytes,
  makeChunkList,
} from "../../../runtime/peer/swarm/chunk_list.ts";
import { PartialBlob } from "../../../runtime/peer/swarm/partial_blob.ts";
import type { SwarmPeer } from "../../../runtime/peer/swarm/swarm_peer.ts";
import { SwarmSeed } from "../../../runtime/peer/swarm/swarm_seed.ts";

/** Bytes that nobody can guess; `crypto.getRandomValues` gives 65,536 at a time. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return bytes;
}

/** A blob of random bytes, cut. */
export interface TestBlob {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly list: ChunkList;
  readonly id: Digest;
}

export async function testBlob(length: number): Promise<TestBlob> {
  const bytes = randomBytes(length);
  const list = await makeChunkList(ReadableStream.from([bytes]), length);
  return { bytes, list, id: digestOf(chunkListBytes(list)) };
}

/** The partial blob of one agent, and what it offers of it. */
export class Swimmer implements Disposable {
  readonly partial: PartialBlob;
  readonly seed: SwarmSeed;
  /** Bytes it gave away. */
  given = 0;
  readonly #folder: string;
  /** Where its blob lies. */
  readonly path: string;

  private constructor(folder: string, partial: PartialBlob, source: boolean) {
    this.#folder = folder;
    this.path = `${folder}/blob`;
    this.partial = partial;
    this.seed = new SwarmSeed({ source });
  }

  /** @param has Chunks it has from the beginning; all of them, for a source. */
  static async make(blob: TestBlob, has: readonly number[] | "source" = []): Promise<Swimmer> {
    const folder = await Deno.makeTempDir();
    const partial = await PartialBlob.open(blob.list, `${folder}/blob`);
    const { chunkBytes, chunks } = blob.list;
    for (const index of has === "source" ? chunks.keys() : has) {
      partial.put(index, blob.bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes));
    }
    const swimmer = new Swimmer(folder, partial, has === "source");
    swimmer.seed.offer(blob.id, partial);
    return swimmer;
  }

  /** This agent, as the one called `asker` sees it. */
  asPeer(id: string, asker: string, source = false): SwarmPeer {
    return {
      id,
      source,
      have: async (list, since, chunks, signal) => {
        const { version, bits } = (await this.seed.have(list, since, signal))!;
        return { version, has: Bitfield.from(bits, chunks) };
      },
      chunk: async (list, index, { chunks }, signal) => {
        const chunk = await this.seed.chunk(list, index, asker, signal);
        if (chunk === "not_now" || chunk === undefined) return { isSource: chunk === "not_now" };
        this.given += chunk.bytes.length;
        return { bytes: chunk.bytes, has: Bitfield.from(chunk.has, chunks) };
      },
    };
  }

  [Symbol.dispose](): void {
    this.partial[Symbol.dispose]();
    Deno.removeSync(this.#folder, { recursive: true });
  }
}
