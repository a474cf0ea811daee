import type { PeerError } from "../errors.ts";
import { SOCKET_LIMITS } from "./limits.ts";

/** A message of the other side: what it sent, as it sent it. */
export type SocketMessage = string | Uint8Array<ArrayBuffer>;

/** What a message takes of the room for it. */
export function costOf(bytes: number): number {
  return bytes + SOCKET_LIMITS.MESSAGE_OVERHEAD;
}

/** Messages that came and wait to be taken, in their sequence. */
export class Inbox implements AsyncIterableIterator<SocketMessage, undefined> {
  readonly #waiting: { message: SocketMessage; cost: number }[] = [];
  readonly #takers: PromiseWithResolvers<IteratorResult<SocketMessage, undefined>>[] = [];
  readonly #onTaken: (cost: number) => void;
  #over: { error?: PeerError } | undefined;

  /** @param onTaken Told of the room that a message leaves. */
  constructor(onTaken: (cost: number) => void) {
    this.#onTaken = onTaken;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.length;
  }

  put(message: SocketMessage, cost: number): void {
    const taker = this.#takers.shift();
    if (!taker) return void this.#waiting.push({ message, cost });
    taker.resolve({ done: false, value: message });
    this.#onTaken(cost);
  }

  /** What came before can still be taken; then comes the end, or the error. */
  end(error?: PeerError): void {
    this.#over ??= error ? { error } : {};
    for (const taker of this.#takers.splice(0)) this.#finish(taker);
  }

  next(): Promise<IteratorResult<SocketMessage, undefined>> {
    const first = this.#waiting.shift();
    if (first) {
      this.#onTaken(first.cost);
      return Promise.resolve({ done: false, value: first.message });
    }
    const taker = Promise.withResolvers<IteratorResult<SocketMessage, undefined>>();
    if (this.#over) this.#finish(taker);
    else this.#takers.push(taker);
    return taker.promise;
  }

  /** Who leaves the loop may come back to it: the socket stays open. */
  return(): Promise<IteratorResult<SocketMessage, undefined>> {
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(taker: PromiseWithResolvers<IteratorResult<SocketMessage, undefined>>): void {
    if (this.#over?.error) taker.reject(this.#over.error);
    else taker.resolve({ done: true, value: undefined });
  }
}
