/**
 * Whom an agent knows, and how it finds the rest. Start reading at {@linkcode Membership}.
 *
 * @module
 */
export { BloomFilter } from "./bloom_filter.ts";
export {
  EXCHANGE_BYTES,
  EXCHANGE_PATH,
  exchangeSchema,
  httpMembershipCalls,
  questionSchema,
  readAdvert,
  RESOLVE_PATH,
  resolvedSchema,
  writeAdverts,
} from "./http_calls.ts";
export { CONNECT_MS, GOSSIP_MS, Membership, type Question } from "./membership.ts";
export type { KnownPeer } from "./peer_view.ts";
