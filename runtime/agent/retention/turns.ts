/** How long work may go on before whoever asks the agent something has a turn, milliseconds. */
const TURN_MS = 10;

/** Lets others have their turn in the midst of work that may take long. */
export class Turns {
  #since = performance.now();

  /** Resolves at once, or after the others' turn when this one was long enough. */
  async next(): Promise<void> {
    if (performance.now() - this.#since < TURN_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#since = performance.now();
  }
}
