/** Requests for the same chunk: the first that brings it ends the others. */
export class Rivals {
  readonly #underWay = new Map<number, Set<AbortController>>();

  /** One more request for a chunk; its signal is aborted when another brings it. */
  begin(index: number): AbortController {
    const request = new AbortController();
    const all = this.#underWay.get(index) ?? new Set();
    this.#underWay.set(index, all.add(request));
    return request;
  }

  /** This one brought the chunk. */
  won(index: number, request: AbortController): void {
    for (const other of this.#underWay.get(index) ?? []) if (other !== request) other.abort();
  }

  end(index: number, request: AbortController): void {
    const all = this.#underWay.get(index);
    all?.delete(request);
    if (all?.size === 0) this.#underWay.delete(index);
  }
}
