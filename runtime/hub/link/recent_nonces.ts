import { PeerError, type SignedCall } from "../../peer/mod.ts";

/** Nonces are forgotten together, a span at a time. */
const SPAN_MS = 60_000;
/** Nonces remembered at most; beyond that calls are refused rather than nonces forgotten. */
const MOST = 500_000;

/**
 * The nonces of agents' calls, so that each is answered once. They are in memory alone: what a
 * replay after a restart could do is ask again for what only the agent can use.
 */
export class RecentNonces {
  readonly #spans = new Map<number, Set<string>>();
  #count = 0;

  /**
   * @throws {PeerError} replayed – it was used before
   * @throws {PeerError} no_place – too many calls were made
   */
  take({ key, nonce, expires }: SignedCall, now: number): void {
    for (const [end, { size }] of this.#spans) {
      if (end > now) continue;
      this.#spans.delete(end);
      this.#count -= size;
    }
    if (this.#count >= MOST) throw new PeerError("no_place", "Cannot answer more calls just now");
    const end = Math.ceil(expires / SPAN_MS) * SPAN_MS;
    const span = this.#spans.get(end) ?? new Set<string>();
    this.#spans.set(end, span);
    const call = `${key} ${nonce}`;
    if (span.has(call)) throw new PeerError("replayed", `Cannot answer a call twice: ${nonce}`);
    span.add(call);
    this.#count++;
  }
}
