import type { Digest } from "../../core/documents/common.ts";
import type { Store } from "./store.ts";

/** In place of an orderer's name: what the operator stored for no order in particular. */
export const EVERY_ORDERER = "*";

/**
 * Who has shown that it has a document, by uploading it. Whoever only knows the digest of another's
 * can attach it to nothing, nor learn that it is there.
 */
export class AttachmentOwnerTable {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  has(sha256: Digest, orderer: string): boolean {
    return this.#store
      .sql("SELECT 1 FROM attachment_owners WHERE sha256 = ? AND orderer IN (?, ?)")
      .get(sha256, orderer, EVERY_ORDERER) !== undefined;
  }

  /** Call when the document is on disk; resolves when this is, too. */
  async add(sha256: Digest, orderers: readonly string[]): Promise<void> {
    await this.#store.write(() => {
      for (const orderer of orderers) {
        this.#store.sql("INSERT OR IGNORE INTO attachment_owners VALUES (?, ?)")
          .run(sha256, orderer);
      }
    });
  }

  /** Documents that somebody owns. */
  all(): Digest[] {
    return this.#store.sql("SELECT DISTINCT sha256 FROM attachment_owners").all()
      .map(({ sha256 }) => sha256 as Digest);
  }

  async remove(sha256: Digest): Promise<void> {
    await this.#store.write(() =>
      this.#store.sql("DELETE FROM attachment_owners WHERE sha256 = ?").run(sha256)
    );
  }
}
