/**
 * What is done while whoever began it goes on, and no more of it at a time than that: who begins
 * more waits.
 */
export class Aside {
  readonly #most: number;
  #count = 0;
  #isOver = false;
  #room: (() => void) | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  /** Begins something, for one caller after the other; nothing any more when it is over. */
  async begin(work: () => Promise<void>): Promise<void> {
    while (this.#count >= this.#most && !this.#isOver) {
      await new Promise<void>((resolve) => this.#room = resolve);
    }
    if (this.#isOver) return;
    this.#count++;
    work().finally(() => {
      this.#count--;
      this.#room?.();
    });
  }

  /** Nobody waits any more. */
  end(): void {
    this.#isOver = true;
    this.#room?.();
  }
}
