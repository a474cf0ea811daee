/** One end of a way on which texts go in sequence. */
export interface Link {
  /** Sends a text of at most what a socket takes. */
  send(text: string): void;
  close(): void;
  /** Characters that were sent and may not have gone yet. */
  readonly waiting: number;
}

/** Who takes what comes by a link. */
export interface Receiver {
  take(text: unknown): void;
  /** It broke, or the other side closed it. */
  lost(): void;
}
