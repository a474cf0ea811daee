import type { KeyId } from "../../core/documents/common.ts";
import { PeerError } from "../errors.ts";

/**
 * Room for sockets. Each may cost memory that is nobody's to bound: Deno keeps up to 64 MB of a
 * WebSocket message before it is whole.
 */
export class SocketPlaces {
  readonly #limits: { total: number; perPeer: number };
  readonly #taken = new Map<KeyId, number>();
  #total = 0;

  constructor(limits: { total: number; perPeer: number }) {
    this.#limits = limits;
  }

  /**
   * Takes a place for a peer.
   *
   * @returns Gives it back; once is enough.
   * @throws {PeerError} no_place – all are taken, or all that one peer may have
   */
  take(peer: KeyId): () => void {
    const own = this.#taken.get(peer) ?? 0;
    if (this.#total >= this.#limits.total || own >= this.#limits.perPeer) {
      throw new PeerError("no_place", `Cannot open a socket for ${peer} as it has ${own} already`);
    }
    this.#taken.set(peer, own + 1);
    this.#total++;
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#total--;
      const left = this.#taken.get(peer)! - 1;
      if (left > 0) this.#taken.set(peer, left);
      else this.#taken.delete(peer);
    };
  }
}
