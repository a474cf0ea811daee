/** Measurements that are kept. */
const KEPT = 256;
/** Messages that were sent and have had no effect yet. */
const ON_WAY = 512;

/**
 * How long it takes until something has its effect at somebody, and that is known here: from
 * sending to their word that it is done, by this machine's clock alone.
 */
export class Latency {
  readonly #sent = new Map<number, number>();
  readonly #measured: number[] = [];

  sent(seq: number, now: number): void {
    this.#sent.set(seq, now);
    if (this.#sent.size > ON_WAY) this.#sent.delete(this.#sent.keys().next().value!);
  }

  /** Their word for one that was never sent counts nothing. */
  done(seq: number, now: number): void {
    const at = this.#sent.get(seq);
    if (at === undefined) return;
    this.#sent.delete(seq);
    this.#measured.push(now - at);
    if (this.#measured.length > KEPT) this.#measured.shift();
  }

  /** @param part Such as 0.5 for the median. */
  quantile(part: number): number | undefined {
    const sorted = [...this.#measured].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  }
}
