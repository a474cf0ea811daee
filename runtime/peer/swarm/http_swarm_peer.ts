import { decodeBase64 } from "../../core/base64.ts";
import { collectBytes } from "../../core/collect_bytes.ts";
import { hexOf } from "../../core/digest.ts";
import type { Digest, KeyId } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import { contentDigest } from "../content_digest.ts";
import { PeerError } from "../errors.ts";
import type { CallClient } from "../pinned_clients.ts";
import { HAVE_FIELD } from "../response_signature.ts";
import { signedFetch, type SignedFetchOptions } from "../signed_fetch.ts";
import { Bitfield } from "./bitfield.ts";
import { type ChunkList, MAX_CHUNKS, MAX_LIST_BYTES, parseChunkList } from "./chunk_list.ts";
import type { SwarmPeer } from "./swarm_peer.ts";

/** Where an agent is reached, and who asks it. */
export interface SwarmAddress {
  readonly signer: Signer;
  readonly agent: KeyId;
  /** An origin, without a slash at the end. */
  readonly url: string;
  /** Gives what pins the agent's certificate; asked before each call, as it may be being made. */
  client?(): Promise<CallClient | undefined>;
  /** Whether blobs come from there. */
  readonly source?: boolean;
}

/** Statuses that say no: of what is not there, and of what another peer was given a moment ago. */
const NOT_THERE = 404;
const GIVEN_TO_ANOTHER = 409;

/** The path of a chunk list, and of what belongs to it. */
export function swarmPath(list: Digest, ...rest: string[]): string {
  return ["/v1/swarm", hexOf(list), ...rest].join("/");
}

/** Another agent's chunks by signed HTTP. */
export function httpSwarmPeer(address: SwarmAddress): SwarmPeer {
  return {
    id: address.agent,
    source: address.source ?? false,
    have: async (list, since, chunks, signal) => {
      const path = `${swarmPath(list, "have")}?since=${since}`;
      const bits = await get(address, path, Math.ceil(MAX_CHUNKS / 8), signal);
      if (bits === undefined) throw unreachable(address, "it has nothing of the blob");
      const has = Bitfield.from(bits, chunks);
      return { version: has.count, has };
    },
    chunk: async (list, index, { chunks, length, digest }, signal) => {
      const path = swarmPath(list, "chunks", String(index));
      // Whoever wants the chunk hashes it by its list.
      const answer = await ask(address, path, { signal, unsafeUnhashedBody: true });
      if (typeof answer === "number") return { isSource: answer === GIVEN_TO_ANOTHER };
      if (answer.headers.get("content-digest") !== contentDigest(digest)) {
        await answer.body?.cancel();
        throw new PeerError("bad_chunk", "Cannot take a chunk as it is signed as another");
      }
      const bits = decodeBase64(answer.headers.get(HAVE_FIELD) ?? "", "base64url");
      const bytes = await readExactly(answer, length);
      return { bytes, ...(bits && { has: Bitfield.from(bits, chunks) }) };
    },
  };
}

/**
 * Gets a blob's chunk list from another agent.
 *
 * @returns `undefined` when it does not have it.
 * @throws {PeerError} bad_chunk_list – it is not what `list` names
 * @throws {PeerError} unreachable – nobody answers, or not as an agent does
 */
export async function fetchChunkList(
  address: SwarmAddress,
  list: Digest,
  signal: AbortSignal,
): Promise<ChunkList | undefined> {
  const bytes = await get(address, swarmPath(list), MAX_LIST_BYTES, signal);
  return bytes && parseChunkList(bytes, list);
}

async function get(
  address: SwarmAddress,
  path: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const answer = await ask(address, path, { signal });
  return typeof answer === "number" ? undefined : await readUpTo(answer, maxBytes);
}

/** @returns the status of an answer that says no. */
async function ask(
  address: SwarmAddress,
  path: string,
  options: Pick<SignedFetchOptions, "signal" | "unsafeUnhashedBody">,
): Promise<Response | number> {
  const { signer, agent, url } = address;
  const client = await address.client?.();
  const response = await signedFetch(url + path, {
    ...options,
    signer,
    recipient: agent,
    ...(client && { client }),
  });
  if (response.ok) return response;
  await response.body?.cancel();
  if ([NOT_THERE, GIVEN_TO_ANOTHER].includes(response.status)) return response.status;
  throw unreachable({ url, agent }, `it answers ${response.status}`);
}

/** At once, as the length is known ahead: reading it piece by piece takes three times as long. */
async function readExactly(response: Response, length: number): Promise<Uint8Array> {
  const { headers } = response;
  // What is compressed could be of any length.
  if (headers.get("content-length") === `${length}` && !headers.has("content-encoding")) {
    return new Uint8Array(await response.arrayBuffer());
  }
  await response.body?.cancel();
  throw new PeerError("bad_chunk", "Cannot take a chunk as it has another length");
}

async function readUpTo({ body }: Response, maxBytes: number): Promise<Uint8Array> {
  const bytes = await collectBytes(body, maxBytes);
  if (bytes) return bytes;
  throw new PeerError("bad_chunk", "Cannot take an answer that is longer");
}

function unreachable({ url, agent }: { url: string; agent: KeyId }, found: string): PeerError {
  return new PeerError("unreachable", `Cannot get chunks of ${agent} at ${url}: ${found}`);
}
