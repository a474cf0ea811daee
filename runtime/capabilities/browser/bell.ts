/** Wakes the one who waits for something to be there. */
export class Bell {
  #wake = () => {};

  ring(): void {
    this.#wake();
  }

  /** Until it rings, or the signal ends the waiting. */
  rung(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#wake = done;
      signal.addEventListener("abort", done);
    });
  }
}
