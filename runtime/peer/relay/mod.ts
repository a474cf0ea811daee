/**
 * Reaching an agent that nobody can connect to, through one that it keeps a connection to. Start
 * reading at {@linkcode RelayService}, {@linkcode serveRelayLink} and {@linkcode connectRelayed}.
 *
 * @module
 */
export { connectRelayed } from "./connect_relayed.ts";
export { CALLS_PATH, RELAY_LIMITS, RELAY_PATH, RELAY_SOCKET, WAYS_PATH } from "./limits.ts";
export { localPipe } from "./local_pipe.ts";
export type { RelayEnd } from "./relay_end.ts";
export { type OnWay, serveRelayLink } from "./relay_link.ts";
export { type RelayBounds, RelayService } from "./relay_service.ts";
export { RelayedClient } from "./relayed_client.ts";
export { serveCalls } from "./serve_calls.ts";
export { readUpgrade } from "./upgrade_text.ts";
