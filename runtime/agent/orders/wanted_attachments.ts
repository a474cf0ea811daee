import type { Digest } from "../../core/documents/common.ts";
import type { Attachment } from "../../core/documents/order.ts";
import { AGENT_LIMITS } from "../limits.ts";

/** An upload that was asked for. */
interface Wanted {
  readonly length: number;
  readonly orderer: string;
  /** The operator asked, with an order of this orderer. */
  readonly byOperator: boolean;
  readonly until: number;
}

/** What may be uploaded under a digest, and for whom. */
export interface WantedUpload {
  /** The most that it may have. */
  readonly length: number;
  readonly orderers: readonly string[];
}

/**
 * Attachments that orderers may upload: those that a verified order of theirs names and that they
 * have not uploaded. Each orderer's are its own, so that what another one says of a document changes
 * nothing. Kept in memory, bounded and for a while; whoever is forgotten asks again.
 */
export class WantedAttachments {
  /** By digest, then by orderer. */
  readonly #wanted = new Map<Digest, Map<string, Wanted>>();

  /** Lets an orderer upload. The oldest of too many is forgotten. */
  add(
    attachments: readonly Attachment[],
    orderer: string,
    now: number,
    byOperator = false,
  ): void {
    const until = now + AGENT_LIMITS.WANTED_MS;
    for (const { sha256, length } of attachments) {
      const before = this.#wanted.get(sha256) ?? new Map<string, Wanted>();
      const longest = Math.max(length, before.get(orderer)?.length ?? 0);
      this.#wanted.delete(sha256);
      if (this.#wanted.size >= AGENT_LIMITS.WANTED_ATTACHMENTS) {
        this.#wanted.delete(this.#wanted.keys().next().value!);
      }
      const wanted = { length: longest, orderer, byOperator, until };
      this.#wanted.set(sha256, before.set(orderer, wanted));
    }
  }

  /**
   * What any of these orderers may upload under a digest.
   *
   * @param orderers Default: what the operator asked for, whoever's order it was.
   */
  find(digest: Digest, orderers: readonly string[] | undefined, now: number): WantedUpload {
    const wanted = [...this.#wanted.get(digest)?.values() ?? []].filter((one) =>
      one.until > now && (orderers ? orderers.includes(one.orderer) : one.byOperator)
    );
    return {
      length: Math.max(0, ...wanted.map(({ length }) => length)),
      orderers: wanted.map(({ orderer }) => orderer),
    };
  }
}
