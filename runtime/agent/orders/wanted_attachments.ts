import type { Digest } from "../../core/documents/common.ts";
import type { Attachment } from "../../core/documents/order.ts";
import { AGENT_LIMITS } from "../limits.ts";

/** An upload that was asked for. */
interface Wanted {
  readonly length: number;
  readonly orderers: ReadonlySet<string>;
  readonly until: number;
}

/**
 * Attachments that orderers may upload: those that a verified order of theirs names and that are
 * not stored. Kept in memory, bounded and for a while; whoever is forgotten asks again.
 */
export class WantedAttachments {
  readonly #wanted = new Map<Digest, Wanted>();

  /** Lets an orderer upload. The oldest of too many is forgotten. */
  add(attachments: readonly Attachment[], orderer: string, now: number): void {
    for (const { sha256, length } of attachments) {
      const orderers = new Set(this.#wanted.get(sha256)?.orderers).add(orderer);
      this.#wanted.delete(sha256);
      if (this.#wanted.size >= AGENT_LIMITS.WANTED_ATTACHMENTS) {
        this.#wanted.delete(this.#wanted.keys().next().value!);
      }
      this.#wanted.set(sha256, { length, orderers, until: now + AGENT_LIMITS.WANTED_MS });
    }
  }

  /** The length of what any of these orderers may upload under a digest; `undefined` if nothing. */
  length(digest: Digest, orderers: readonly string[], now: number): number | undefined {
    const wanted = this.#wanted.get(digest);
    if (!wanted || wanted.until <= now) return undefined;
    return orderers.some((name) => wanted.orderers.has(name)) ? wanted.length : undefined;
  }
}
