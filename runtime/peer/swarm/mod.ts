/**
 * Blobs from many agents at once. Start reading at {@linkcode SwarmDownload}.
 *
 * @module
 */
export { type ChunkList, chunkListBytes, makeChunkList, parseChunkList } from "./chunk_list.ts";
export { fetchChunkList, httpSwarmPeer, type SwarmAddress, swarmPath } from "./http_swarm_peer.ts";
export { PartialBlob } from "./partial_blob.ts";
export { RateLimit } from "./rate_limit.ts";
export type { SwarmDownloadOptions, SwarmProgress } from "./download_options.ts";
export { SwarmDownload } from "./swarm_download.ts";
export { SwarmSeed, type SwarmSeedOptions } from "./swarm_seed.ts";
export { WholeBlob } from "./whole_blob.ts";
