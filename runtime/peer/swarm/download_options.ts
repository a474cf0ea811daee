import type { RateLimit } from "./rate_limit.ts";

/** How far a download is. */
export interface SwarmProgress {
  readonly chunks: number;
  readonly of: number;
  /** Bytes that came from the source. */
  readonly sourceBytes: number;
  /** Bytes that came from peers that are not the source. */
  readonly peerBytes: number;
}

/** What a {@linkcode SwarmDownload} works with. */
export interface SwarmDownloadOptions {
  readonly signal: AbortSignal;
  /** Shared by all downloads of this agent. */
  readonly rate?: RateLimit;
  /** Default: `Math.random`. */
  readonly random?: () => number;
  /** How long to wait for peers when there are none, milliseconds. Default: 10,000. */
  readonly patienceMs?: number;
  onProgress?(progress: SwarmProgress): void;
  /** Told of a peer that sent something else than the chunk it was asked for: it is asked no more. */
  onBan?(peer: string): void;
}
