import type { Digest } from "../../core/documents/common.ts";
import type { Store } from "./store.ts";

/** A chunk list as it is kept. */
export interface SharedBlob {
  readonly list: Digest;
  /** The whole blob. */
  readonly sha256: Digest;
  /** The list's canonical JSON. */
  readonly bytes: Uint8Array;
  /** Whether the blob came into the fleet here, so that chunks are given in turns. */
  readonly source: boolean;
}

/** Remembers which blobs were shared, so that a restart changes nothing for peers. */
export class SharedBlobTable {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async add({ list, sha256, bytes, source }: SharedBlob): Promise<void> {
    await this.#store.write(() =>
      this.#store.sql("INSERT OR REPLACE INTO shared_blobs VALUES (?, ?, ?, ?)")
        .run(list, sha256, bytes, Number(source))
    );
  }

  async remove(list: Digest): Promise<void> {
    await this.#store.write(() =>
      this.#store.sql("DELETE FROM shared_blobs WHERE list = ?").run(list)
    );
  }

  get isEmpty(): boolean {
    return this.#store.sql("SELECT 1 FROM shared_blobs LIMIT 1").get() === undefined;
  }

  all(): SharedBlob[] {
    const rows = this.#store.sql("SELECT list, sha256, bytes, source FROM shared_blobs").all();
    return rows.map((row) => ({ ...row, source: row.source === 1 }) as unknown as SharedBlob);
  }
}
