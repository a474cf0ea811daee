/** Every size and time bound of a socket between agents. Bytes and milliseconds. */
export const SOCKET_LIMITS = {
  /** A message, unless the one who opens the socket says otherwise. */
  MESSAGE_BYTES: 1 << 20,
  /** Messages that came and were not taken yet; the other side sends no more until some are. */
  QUEUE_BYTES: 4 << 20,
  /** What a message counts besides its bytes, so that empty ones are bounded too. */
  MESSAGE_OVERHEAD: 64,
  /** Messages that wait here until the other side has room; beyond that `send()` refuses. */
  UNSENT_BYTES: 16 << 20,
  /** From the first byte until both sides have proven who they are. */
  HANDSHAKE_MS: 10_000,
  /** Silence after which the other side is taken for gone; it is asked three times before. */
  IDLE_MS: 45_000,
  /** The other side's half of the handshake; ours has about 400. */
  HELLO_BYTES: 4_096,
  /** Why a socket was closed, in UTF-8. */
  REASON_BYTES: 120,
} as const;

/** What the one who opens a socket may set. */
export interface SocketSettings {
  /** The longest message that is taken; default {@linkcode SOCKET_LIMITS}`.MESSAGE_BYTES`. */
  messageBytes?: number;
  /** Room for messages that wait to be taken; at least one of the longest. */
  queueBytes?: number;
  /** Messages that wait until the other side has room; beyond that `send()` refuses. */
  unsentBytes?: number;
  handshakeMs?: number;
  idleMs?: number;
}
