import { Listener } from "./listener.ts";

/** All who follow a session: each is told everything from when it came, numbered. */
export class Audience {
  readonly #listeners = new Map<string, Listener>();
  #n = 0;

  /** The number of the last that was told. */
  get n(): number {
    return this.#n;
  }

  tell(event: Readonly<Record<string, unknown>>, tab: number): void {
    const text = JSON.stringify({ n: ++this.#n, at: Date.now(), tab, ...event });
    for (const listener of this.#listeners.values()) listener.push(text);
  }

  join(): string {
    const id = crypto.randomUUID();
    this.#listeners.set(id, new Listener());
    return id;
  }

  leave(id: string): void {
    this.#listeners.get(id)?.end();
    this.#listeners.delete(id);
  }

  /**
   * What has come for one of them.
   *
   * @see Listener.next
   */
  async next(id: string, most: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const lost = () => JSON.stringify({ n: this.#n, at: Date.now(), tab: 0, type: "lost" });
    return await this.#listeners.get(id)?.next(most, signal, lost);
  }

  /** Nothing more is told. */
  end(): void {
    for (const listener of this.#listeners.values()) listener.end();
  }
}
