import type { PeerSocket } from "../socket/mod.ts";

/** One end of what leads to or from a relay: a socket, or a pipe inside the relay itself. */
export type RelayEnd = Pick<PeerSocket, "peer" | "messages" | "send" | "close">;
