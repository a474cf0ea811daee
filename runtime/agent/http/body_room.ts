/** What a body counts as soon as its request is there. */
export const LEAST_BODY_BYTES = 1 << 16;

/** A body that is being received. */
export interface BodySeat extends Disposable {
  /** Aborted when it has to give way. */
  readonly evicted: AbortSignal;
  /** So much memory it takes by now. */
  take(bytes: number): void;
}

interface Seat {
  readonly holder: string;
  readonly giveWay: AbortController;
  bytes: number;
}

/**
 * The memory that bodies take, all connections together, before anybody knows whether they are worth
 * it. When there is too much, whoever holds most gives up its oldest: many slow bodies of one sender
 * make room for one of another that comes in one go, not the other way round.
 */
export class BodyRoom {
  readonly #maxBytes: number;
  /** The oldest stands first. */
  readonly #seats = new Set<Seat>();
  readonly #held = new Map<string, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** All bodies together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @param holder Who sends it: an address or a key. */
  enter(holder: string): BodySeat {
    const seat: Seat = { holder, giveWay: new AbortController(), bytes: 0 };
    this.#seats.add(seat);
    this.#count(seat, LEAST_BODY_BYTES);
    this.#settle();
    return {
      evicted: seat.giveWay.signal,
      take: (bytes) => {
        if (!this.#seats.has(seat)) return;
        this.#count(seat, Math.max(0, bytes - seat.bytes));
        this.#settle();
      },
      [Symbol.dispose]: () => this.#leave(seat),
    };
  }

  #settle(): void {
    while (this.#bytes > this.#maxBytes) {
      const [most] = [...this.#held].reduce((a, b) => b[1] > a[1] ? b : a);
      const oldest = this.#seats.values().find(({ holder }) => holder === most)!;
      this.#leave(oldest);
      oldest.giveWay.abort();
    }
  }

  #leave(seat: Seat): void {
    if (this.#seats.delete(seat)) this.#count(seat, -seat.bytes);
  }

  #count(seat: Seat, bytes: number): void {
    seat.bytes += bytes;
    this.#bytes += bytes;
    const held = (this.#held.get(seat.holder) ?? 0) + bytes;
    if (held > 0) this.#held.set(seat.holder, held);
    else this.#held.delete(seat.holder);
  }
}
