/**
 * Signed HTTP between agents, and between orderers and agents. Start reading at
 * {@linkcode signedFetch} and {@linkcode verifyRequest}.
 *
 * @module
 */
export { formatAgentId, parseAgentId } from "./agent_id.ts";
export { contentDigest, requireDigest, requireSameDigest } from "./content_digest.ts";
export { type PeerCode, PeerError } from "./errors.ts";
export { PEER_LIMITS } from "./limits.ts";
export type { Message } from "./message.ts";
export { type CallCarrier, type CallClient, PinnedClients } from "./pinned_clients.ts";
export { pinnedAuthority } from "./pinned_authority.ts";
export { raceInTurns, type RaceOptions } from "./race_in_turns.ts";
export { HAVE_FIELD, signResponse, verifyResponse } from "./response_signature.ts";
export { shuffled } from "./shuffled.ts";
export { type RequestToSign, signRequest } from "./sign_request.ts";
export { type SignedBody, signedFetch, type SignedFetchOptions } from "./signed_fetch.ts";
export { type RequestRules, type SignedCall, verifyRequest } from "./verify_request.ts";
