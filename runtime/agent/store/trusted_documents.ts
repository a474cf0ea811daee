import type { Digest } from "../../core/documents/common.ts";
import type { Store } from "./store.ts";

/** A root or accept-list that was verified. */
export interface TrustedDocument {
  epoch: number;
  version: number;
  /** Of the payload. */
  digest: Digest;
  envelope: Uint8Array;
}

/** Every root, or every accept-list, this agent ever trusted, so that `prev` can be walked. */
export class TrustedDocumentTable {
  readonly #store: Store;
  readonly #kind: "root" | "acceptlist";

  constructor(store: Store, kind: "root" | "acceptlist") {
    this.#store = store;
    this.#kind = kind;
  }

  /** The document of this version in the newest epoch that has one. */
  get(version: number): TrustedDocument | undefined {
    const sql = `SELECT epoch, version, digest, envelope FROM trusted_documents
      WHERE kind = ? AND version = ? ORDER BY epoch DESC LIMIT 1`;
    return this.#store.sql(sql).get(this.#kind, version) as TrustedDocument | undefined;
  }

  latest(): TrustedDocument | undefined {
    const sql = `SELECT epoch, version, digest, envelope FROM trusted_documents
      WHERE kind = ? ORDER BY epoch DESC, version DESC LIMIT 1`;
    return this.#store.sql(sql).get(this.#kind) as TrustedDocument | undefined;
  }

  /** Call inside `Store.write()`. A version that is there already stays as it is. */
  put({ epoch, version, digest, envelope }: TrustedDocument, now: number): void {
    this.#store
      .sql("INSERT OR IGNORE INTO trusted_documents VALUES (?, ?, ?, ?, ?, ?)")
      .run(this.#kind, epoch, version, digest, envelope, now);
  }
}
