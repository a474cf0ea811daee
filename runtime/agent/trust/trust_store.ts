import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import type { Root } from "../../core/documents/root.ts";
import type { VerifiedAcceptList } from "../../core/verification/accept_list.ts";
import type { VerifiedRoot } from "../../core/verification/root_chain.ts";
import type { TrustedClock } from "../clock.ts";
import { setMeta } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import { type TrustedDocument, TrustedDocumentTable } from "../store/trusted_documents.ts";

/**
 * What the agent has come to trust: roots, accept-lists, and the time they prove. It only moves
 * forward, and what is used was stored before.
 */
export class TrustStore {
  readonly roots: TrustedDocumentTable;
  readonly acceptLists: TrustedDocumentTable;
  readonly #store: Store;
  readonly #clock: TrustedClock;

  constructor(store: Store, clock: TrustedClock) {
    this.#store = store;
    this.#clock = clock;
    this.roots = new TrustedDocumentTable(store, "root");
    this.acceptLists = new TrustedDocumentTable(store, "acceptlist");
  }

  now(): number {
    return this.#clock.now();
  }

  /** The newest root, verified when it was stored. */
  root(): Root | undefined {
    const stored = this.roots.latest();
    return stored && parseDocument("root", openEnvelope("root", stored.envelope).payload);
  }

  /** The newest accept-list. */
  acceptList(): TrustedDocument | undefined {
    return this.acceptLists.latest();
  }

  /**
   * Stores what was verified, all in one transaction. Resolves when it is on disk.
   *
   * @param roots With their envelopes, oldest first.
   * @param list Absent when only roots were verified so far.
   * @throws {AgentError} disk_full, state_unreadable – nothing was stored.
   */
  async advance(
    roots: readonly (VerifiedRoot & { envelope: Uint8Array })[],
    list?: VerifiedAcceptList & { envelope: Uint8Array },
  ): Promise<void> {
    await this.#store.write(() => {
      const now = this.now();
      for (const { root: { epoch, version, issued }, digest, envelope } of roots) {
        this.roots.put({ epoch, version, digest, envelope }, now);
        this.#clock.learn(Date.parse(issued));
      }
      if (list) {
        const { list: { epoch, version, issued }, digest, envelope } = list;
        this.acceptLists.put({ epoch, version, digest, envelope }, now);
        this.#clock.learn(Date.parse(issued));
      }
      setMeta(this.#store, "clock_floor", String(this.#clock.floor));
    });
  }
}
