import type { Digest, ScriptName } from "../../core/documents/common.ts";
import type { Store } from "./store.ts";

/** One known version of a script. */
export interface KnownVersion {
  version: string;
  sha256: Digest;
}

/** Manifests that passed verification once. They are verified again before every run. */
export class ManifestTable {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  get(script: ScriptName, version: string): Uint8Array | undefined {
    const row = this.#store
      .sql("SELECT envelope FROM manifests WHERE script = ? AND version = ?")
      .get(script, version);
    return row?.envelope as Uint8Array | undefined;
  }

  /** Newest addition last; `sha256` is the module's. */
  versions(script: ScriptName): KnownVersion[] {
    return this.#store
      .sql("SELECT version, module AS sha256 FROM manifests WHERE script = ? ORDER BY version")
      .all(script) as unknown as KnownVersion[];
  }

  /** Call inside `Store.write()`. */
  put(
    script: ScriptName,
    version: string,
    module: Digest,
    digest: Digest,
    envelope: Uint8Array,
  ): void {
    this.#store
      .sql("INSERT OR REPLACE INTO manifests VALUES (?, ?, ?, ?, ?)")
      .run(script, version, module, digest, envelope);
  }
}
