import type { KeyId } from "../../core/documents/common.ts";

/** The first wait after a peer could not be reached, and the longest. */
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** What a {@linkcode Redialer} works with. */
export interface RedialerOptions {
  /** Peers that are wanted and not connected, the most wanted first. */
  wanted(): readonly KeyId[];
  /** How many more may be connected. */
  room(): number;
  /** Resolves when the peer is connected; rejects when it is not. */
  dial(peer: KeyId, signal: AbortSignal): Promise<void>;
}

/**
 * Tries to connect peers, again and again, ever more seldom and at random times: after a fall of
 * the network not all agents of a fleet call at the same moment.
 */
export class Redialer implements Disposable {
  readonly #options: RedialerOptions;
  readonly #stopping = new AbortController();
  readonly #dialing = new Set<KeyId>();
  readonly #rests = new Map<KeyId, { until: number; waitMs: number }>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RedialerOptions) {
    this.#options = options;
  }

  /** Whether a call to this peer is under way. */
  isDialing(peer: KeyId): boolean {
    return this.#dialing.has(peer);
  }

  /** Looks who is to be called. To be told when somebody is gone, or wanted anew. */
  look(): void {
    clearTimeout(this.#timer);
    if (this.#stopping.signal.aborted) return;
    const now = performance.now();
    let soonest = LONGEST_MS;
    for (const peer of this.#options.wanted()) {
      if (this.#dialing.has(peer)) continue;
      const wait = (this.#rests.get(peer)?.until ?? 0) - now;
      if (wait > 0) soonest = Math.min(soonest, wait);
      else if (this.#options.room() > this.#dialing.size) this.#dial(peer);
    }
    this.#timer = setTimeout(() => this.look(), soonest);
  }

  /** Forgets that a peer could not be reached: it is there. */
  reached(peer: KeyId): void {
    this.#rests.delete(peer);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#stopping.abort(new DOMException("nobody is wanted any more", "AbortError"));
  }

  async #dial(peer: KeyId): Promise<void> {
    this.#dialing.add(peer);
    try {
      await this.#options.dial(peer, this.#stopping.signal);
      this.reached(peer);
    } catch {
      const { waitMs = FIRST_MS } = this.#rests.get(peer) ?? {};
      const until = performance.now() + waitMs * (0.5 + Math.random());
      this.#rests.set(peer, { until, waitMs: Math.min(2 * waitMs, LONGEST_MS) });
    } finally {
      this.#dialing.delete(peer);
      this.look();
    }
  }
}
