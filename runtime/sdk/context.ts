import type { Browser } from "./browser.ts";
import type { Blobs, Channel, Dir, HubNotes, Peers, Scanner, Store } from "./capabilities.ts";

/** What the agent lends to one run, or to one request. */
export interface CallContext {
  /** Aborted when the run is cancelled or its deadline passes, or the client is gone. */
  readonly signal: AbortSignal;
  /** Leaves a line in the run's log; `console` writes to the same place. */
  readonly log: Log;
  /** Documents that came with the order, in its sequence. */
  readonly attachments: readonly AttachmentHandle[];
  readonly script: { readonly publisher: string; readonly name: string; readonly version: string };
  readonly agent: { readonly id: string };
  /** The run under way; `null` in `fetch`. */
  readonly run: { readonly id: number; readonly orderer: string; readonly attempt: number } | null;
  /** What the grant's `settings` tell the script: JSON that the admin wrote, checked by nobody else. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** When the grant lends it. */
  readonly store?: Store;
  /** When the grant lends it. */
  readonly blobs?: Blobs;
  /** When the grant lends it. */
  readonly dir?: Dir;
  /** When the grant lends it. */
  readonly peers?: Peers;
  /**
   * Opens a channel, when the grant lends it.
   *
   * @param name Small letters, digits and `._-`, at most 64.
   */
  readonly channel?: (name: string) => Promise<Channel>;
  /** When the grant lends it, beside `blobs`. */
  readonly scanner?: Scanner;
  /** When the grant lends it. */
  readonly browser?: Browser;
  /** When the grant lends it. */
  readonly hub?: HubNotes;
  /**
   * Sends one named event to whoever follows the run, and, in `fetch` too, into the agent's audit
   * log: 60 a minute, 64 characters of the name and 1,000 of the data; more are only counted there.
   *
   * @param data JSON.
   */
  emit(event: string, data?: unknown): void;
  /**
   * Wakes this script durably with a new run of `run(input)`, not before `at`.
   *
   * @param at A date, or milliseconds since 1970.
   * @param options.key Runs with the same key go one after another, and one that has not begun is
   * replaced.
   */
  schedule(
    at: Date | number,
    input: unknown,
    options?: { key?: string },
  ): Promise<{ id: string }>;
  /** @returns Whether there was one with this key that had not begun. */
  unschedule(key: string): Promise<boolean>;
}

/** What the agent lends to one run. */
export interface Context extends CallContext {
  /**
   * Aborted when the agent is about to stop. A run that goes on by itself later ends now, so that
   * nothing waits for it; others have a while.
   */
  readonly leaving?: AbortSignal;
  /** Tells the orderer how far the run is: `fraction` from 0 to 1, and words. */
  progress(fraction: number, message?: string): void;
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
