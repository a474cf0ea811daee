import type { Digest, KeyId } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import { parseRelayedUrl, type RelayedAddress } from "../../core/relayed_url.ts";
import { type CallClient, PeerError } from "../../peer/mod.ts";
import { connectRelayed, RELAY_SOCKET, type RelayEnd, WAYS_PATH } from "../../peer/relay/mod.ts";
import {
  type ConnectOptions,
  connectSocket,
  type PeerSocket,
  type SocketSettings,
} from "../../peer/socket/mod.ts";

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
  clientFor(url: string, ca: Digest | undefined): Promise<CallClient | undefined>;
  /** The way to an agent that this one itself relays for. */
  ownWay(agent: KeyId): RelayEnd | undefined;
}

/** How a socket to an agent is opened. */
export type PeerSocketOptions = SocketSettings & { readonly signal: AbortSignal };

/** Opens a socket to an agent, wherever it is: {@linkcode connectPeer} with its parts. */
export type Connect = (
  agent: KeyId,
  path: string,
  options: PeerSocketOptions,
) => Promise<PeerSocket>;

/**
 * Opens a socket to an agent of the fleet, by whichever of its addresses answers first.
 *
 * @param path Of the upgrade, as the agent's table of routes has it.
 * @throws {PeerError} unreachable – at none of them, or nobody knows one
 * @throws whatever the signal was aborted with
 */
export async function connectPeer(
  parts: PeerSocketParts,
  agent: KeyId,
  path: string,
  { signal, ...settings }: PeerSocketOptions,
): Promise<PeerSocket> {
  const { signer, now } = parts;
  const addresses = await parts.addressesOf(agent, signal);
  const enough = new AbortController();
  const ends = AbortSignal.any([signal, enough.signal]);
  const opened: PeerSocket[] = [];
  try {
    return await Promise.any(addresses.map(async (address) => {
      const options = { ...settings, signer, recipient: agent, signal: ends, now: now() };
      const relayed = parseRelayedUrl(address.url);
      const socket = relayed
        ? await connectRelayed(await wayTo(parts, relayed, ends), path, options)
        : await connectDirectly(parts, address, path, options);
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

async function connectDirectly(
  { clientFor }: PeerSocketParts,
  { url, ca }: PeerAddress,
  path: string,
  options: ConnectOptions,
): Promise<PeerSocket> {
  const client = await clientFor(url, ca);
  if (client && "fetch" in client) throw new TypeError(`Cannot open a socket to ${url} like this`);
  return await connectSocket(url + path, { ...options, ...(client && { client }) });
}

/** A relay is reached by itself, never through another. */
async function wayTo(
  parts: PeerSocketParts,
  { agent, relay }: RelayedAddress,
  signal: AbortSignal,
): Promise<RelayEnd> {
  const own = parts.ownWay(agent);
  if (own) return own;
  const addressesOf = async () =>
    (await parts.addressesOf(relay, signal)).filter(({ url }) => !parseRelayedUrl(url));
  return await connectPeer({ ...parts, addressesOf }, relay, `${WAYS_PATH}/${agent}`, {
    ...RELAY_SOCKET,
    signal,
  });
}
