/** A stream whose writer waits for its reader, so that there is one piece in it at the most. */
export class PacedStream<Piece> {
  readonly readable: ReadableStream<Piece>;
  #controller!: ReadableStreamDefaultController<Piece>;
  #taken: (() => void) | undefined;
  #over = false;

  /** @param cancelled Called when the reader gives up. */
  constructor(cancelled: (reason: unknown) => void) {
    this.readable = new ReadableStream<Piece>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#take(),
      cancel: (reason) => {
        this.#over = true;
        this.#take();
        cancelled(reason);
      },
    }, { highWaterMark: 1 });
  }

  /** Whether a piece waits for its reader. */
  get waiting(): boolean {
    return this.#taken !== undefined;
  }

  /** @returns when the piece was taken, or nobody will */
  write(piece: Piece): Promise<void> {
    if (this.#over) return Promise.resolve();
    const taken = new Promise<void>((resolve) => this.#taken = resolve);
    this.#controller.enqueue(piece);
    if ((this.#controller.desiredSize ?? 0) > 0) this.#take(); // a reader was waiting for it
    return taken;
  }

  /** Ends the stream after what is in it. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller.close();
    this.#take();
  }

  /** Breaks the stream off. */
  error(reason: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller.error(reason);
    this.#take();
  }

  #take(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }
}
