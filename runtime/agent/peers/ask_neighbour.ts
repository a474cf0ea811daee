import { collectBytes } from "../../core/collect_bytes.ts";
import { PeerError, signedFetch } from "../../peer/mod.ts";
import type { SwarmAddress } from "../../peer/swarm/mod.ts";

/** How long a neighbour may take for one document, milliseconds. */
const ANSWER_MS = 10_000;

/**
 * Asks another agent for a document; what it gives is a stranger's.
 *
 * @param path Without a slash at the beginning.
 * @returns `undefined` when it does not have it.
 * @throws {PeerError} bad_field – it is longer than `maxBytes`
 * @throws {PeerError} – as `signedFetch()`
 */
export async function askNeighbour(
  { signer, agent, url, client }: SwarmAddress,
  path: string,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  const pinned = await client?.();
  const late = AbortSignal.timeout(ANSWER_MS);
  const response = await signedFetch(`${url}/${path}`, {
    signer,
    recipient: agent,
    signal: signal ? AbortSignal.any([signal, late]) : late,
    ...(pinned && { client: pinned }),
  });
  if (!response.ok) {
    await response.body?.cancel();
    return undefined;
  }
  const bytes = await collectBytes(response.body, maxBytes);
  if (bytes) return bytes;
  throw new PeerError("bad_field", `Cannot take a document longer than ${maxBytes} bytes`);
}
