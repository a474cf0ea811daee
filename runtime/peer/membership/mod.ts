/**
 * Whom an agent knows, and how it finds the rest. Start reading at {@linkcode Membership}. What
 * travels is in `wire.ts`, apart, for those who only take it in.
 *
 * @module
 */
export { BloomFilter } from "./bloom_filter.ts";
export { httpMembershipCalls } from "./http_calls.ts";
export { CONNECT_MS, GOSSIP_MS, Membership, type Question } from "./membership.ts";
export type { KnownPeer } from "./peer_view.ts";
