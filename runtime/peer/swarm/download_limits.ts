/** How many, how long and how often, in a download. */
export const DOWNLOAD_LIMITS = {
  /** Chunks asked of one peer at the same time. */
  CHUNKS_OF_ONE: 3,
  /** Bytes asked of all peers at the same time, by which an agent's memory is bounded. */
  BYTES_AT_ONCE: 4 << 20,
  /** At least as many chunks, however long. */
  LEAST_AT_ONCE: 2,
  /** How often it is looked whether a chunk is late. */
  LOOK_MS: 250,
  /** How long a peer that failed to give a chunk is not asked for it again. */
  FAILED_MS: 1_000,
  /** A peer that has not answered by then is not waited for. */
  CHUNK_TIMEOUT_MS: 15_000,
  /** Failures in a row after which a peer is left alone. */
  MAX_FAILURES: 3,
  /** The longest random pause before the source is asked at all. */
  SOURCE_DELAY_MS: 200,
  /** Peers that are asked at the same time; the others take their places. */
  MAX_PEERS: 8,
  /** A peer that has nothing to give for this long leaves its place to one that waits. */
  IDLE_MS: 2_000,
  /** The same for one that has not said a word, which may be gone. */
  SILENT_MS: 1_000,
  /** How long a download without peers waits for one. */
  PATIENCE_MS: 10_000,
} as const;
