/**
 * What a script may see: types only, erased before the script runs.
 *
 * @module
 */

/** A script: its default export. */
export interface Script<Input = unknown, Output = unknown> {
  /** Answers an order. The result must be JSON. */
  run(input: Input, ctx: Context): Output | Promise<Output>;
}

/** What the agent lends to one run. */
export interface Context {
  /** Aborted when the run is cancelled or its deadline passes. */
  readonly signal: AbortSignal;
  /** Leaves a line in the run's log; `console` writes to the same place. */
  readonly log: Log;
  /** Documents that came with the order, in its sequence. */
  readonly attachments: readonly AttachmentHandle[];
  /** Tells the orderer how far the run is: `fraction` from 0 to 1, and words. */
  progress(fraction: number, message?: string): void;
  /** Sends one named event to whoever follows the run. `data` must be JSON. */
  emit(event: string, data?: unknown): void;
}

/** Levelled log; arguments are formatted as `console` does. */
export interface Log {
  debug(...args: unknown[]): void;
  info(...args: unknown[]): void;
  warn(...args: unknown[]): void;
  error(...args: unknown[]): void;
}

/** One attached document, verified against the order before the run. */
export interface AttachmentHandle {
  readonly name: string;
  /** Bytes. */
  readonly length: number;
  readonly mediaType: string;
  /** The document in chunks, fetched as it is read. */
  stream(): ReadableStream<Uint8Array>;
  /** The whole document. */
  bytes(): Promise<Uint8Array>;
}
