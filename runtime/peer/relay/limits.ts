import { SOCKET_LIMITS, type SocketSettings } from "../socket/limits.ts";

/** Every bound of relaying. Bytes and milliseconds. */
export const RELAY_LIMITS = {
  /** Ways through one relay to one agent, at the same time. */
  TUNNELS_OF_ONE_AGENT: 64,
  /** Of these, ways of one caller. */
  TUNNELS_OF_ONE_CALLER: 8,
  /** What waits at the relay for a caller who does not take it. */
  WAITING_BYTES: 5 << 20,
  /** How long a way may be open. */
  TUNNEL_MS: 60 * 60_000,
  /** The upgrade that comes first through a way. */
  UPGRADE_BYTES: 8_192,
  /** Method, path and fields of a call, or status and fields of its answer. */
  HEAD_BYTES: 65_536,
  /** A piece of a body. */
  PIECE_BYTES: 65_536,
  /** How long a socket for calls waits for the next one. */
  KEEP_MS: 30_000,
  /** Sockets for calls to one agent that wait for the next one. */
  KEPT_SOCKETS: 4,
} as const;

/** Of the sockets to a relay: a frame of the longest message must go through them. */
export const RELAY_SOCKET: SocketSettings = { messageBytes: SOCKET_LIMITS.MESSAGE_BYTES + 4_096 };

/** Where an agent keeps its connection to a relay. */
export const RELAY_PATH = "/v1/relay";
/** Where a relay is asked for the way to an agent: below it stands the agent's id. */
export const WAYS_PATH = "/v1/relay/ways";
/** Where an agent takes calls that come through a socket. */
export const CALLS_PATH = "/v1/calls";
