/**
 * Sockets between agents, and between agents and the hub. Start reading at
 * {@linkcode connectSocket} and {@linkcode acceptSocket}.
 *
 * @module
 */
export { type AcceptOptions, acceptSocket } from "./accept_socket.ts";
export { type ConnectOptions, connectSocket } from "./connect_socket.ts";
export type { SocketMessage } from "./inbox.ts";
export { SOCKET_LIMITS, type SocketSettings } from "./limits.ts";
export type { PeerSocket, SocketEnd } from "./peer_socket.ts";
export { SocketPlaces } from "./socket_places.ts";
export { WrittenMessage } from "./written_message.ts";
