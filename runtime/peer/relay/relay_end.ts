import type { PeerSocket } from "../socket/mod.ts";

/** Codes with which a relay, or who is reached by it, closes a socket. */
export const RELAY_ENDS = {
  nonsense: 4000,
  replaced: 4001,
  slow: 4002,
  refused: 4003,
  late: 4004,
} as const;

/** One end of what leads to or from a relay: a socket, or a pipe inside the relay itself. */
export type RelayEnd = Pick<PeerSocket, "peer" | "messages" | "send" | "close">;
