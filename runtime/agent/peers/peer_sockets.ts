import type { Digest, KeyId } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import { PeerError } from "../../peer/mod.ts";
import { connectSocket, type PeerSocket, type SocketSettings } from "../../peer/socket/mod.ts";

/** Where an agent may be reached. */
export interface PeerAddress {
  readonly url: string;
  readonly ca?: Digest | undefined;
}

/** What {@linkcode connectPeer} works with. */
export interface PeerSocketParts {
  readonly signer: Signer;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Every address of an agent that is known, or can be asked for. */
  addressesOf(agent: KeyId, signal: AbortSignal): Promise<readonly PeerAddress[]>;
  /** What pins the certificate there. */
  clientFor(url: string, ca: Digest | undefined): Promise<Deno.HttpClient | undefined>;
}

/** How a socket to an agent is opened. */
export type PeerSocketOptions = SocketSettings & { readonly signal: AbortSignal };

/**
 * Opens a socket to an agent of the fleet, by whichever of its addresses answers first.
 *
 * @param path Of the upgrade, as the agent's table of routes has it.
 * @throws {PeerError} unreachable – at none of them, or nobody knows one
 * @throws whatever the signal was aborted with
 */
export async function connectPeer(
  { signer, now, addressesOf, clientFor }: PeerSocketParts,
  agent: KeyId,
  path: string,
  { signal, ...settings }: PeerSocketOptions,
): Promise<PeerSocket> {
  const addresses = await addressesOf(agent, signal);
  const enough = new AbortController();
  const ends = AbortSignal.any([signal, enough.signal]);
  const opened: PeerSocket[] = [];
  try {
    return await Promise.any(addresses.map(async ({ url, ca }) => {
      const client = await clientFor(url, ca);
      const socket = await connectSocket(url + path, {
        ...settings,
        signer,
        recipient: agent,
        signal: ends,
        now: now(),
        ...(client && { client }),
      });
      opened.push(socket);
      return socket;
    }));
  } catch (cause) {
    signal.throwIfAborted();
    throw new PeerError("unreachable", `Cannot reach ${agent} at any address`, { cause });
  } finally {
    enough.abort();
    for (const socket of opened.slice(1)) socket.close();
  }
}
