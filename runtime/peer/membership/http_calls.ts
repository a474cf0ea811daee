import * as v from "valibot";
import { collectBytes } from "../../core/collect_bytes.ts";
import type { Digest, KeyId } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import { PeerError } from "../errors.ts";
import type { PinnedClients } from "../pinned_clients.ts";
import { signedFetch } from "../signed_fetch.ts";
import { reachOf } from "./reach.ts";
import { CONNECT_MS, type MembershipCalls } from "./membership.ts";
import {
  EXCHANGE_BYTES,
  EXCHANGE_PATH,
  exchangeSchema,
  readAdvert,
  RESOLVE_PATH,
  resolvedSchema,
  writeAdverts,
} from "./wire.ts";

/** A question waits for those it is passed on to. */
const RESOLVE_MS = 8_000;

/** Who asks, and how agents that a policy names are told apart. */
export interface HttpCallsOptions {
  readonly signer: Signer;
  /** The agent that a policy says is at this address. */
  agentAt(address: string): { readonly id: KeyId; readonly ca?: Digest } | undefined;
  readonly clients: PinnedClients;
}

/** Membership's calls by signed HTTP; certificates are pinned by what adverts say. */
export function httpMembershipCalls(
  { signer, agentAt, clients }: HttpCallsOptions,
): MembershipCalls {
  const ask = async (
    address: { url: string; agent: KeyId; ca?: Digest },
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<unknown> => {
    const client = await clients.clientFor(address.url, address.ca);
    const response = await signedFetch(address.url + path, {
      signer,
      recipient: address.agent,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: new TextEncoder().encode(JSON.stringify(body)),
      signal,
      ...(client && { client }),
    });
    if (response.ok) return await readJson(response, address.url);
    await response.body?.cancel();
    throw new PeerError("unreachable", `Cannot ask an agent at ${address.url}: ${response.status}`);
  };
  const exchange = async (
    address: { url: string; agent: KeyId; ca?: Digest },
    adverts: readonly Uint8Array[],
    signal: AbortSignal,
  ) => {
    const answer = await ask(address, EXCHANGE_PATH, writeAdverts(adverts), signal);
    return v.parse(exchangeSchema, answer).adverts.map(readAdvert);
  };
  return {
    exchange: ({ agent, advert }, adverts, signal) =>
      firstOf(
        reachOf({ agent, advert }),
        signal,
        CONNECT_MS,
        (url, ends) => exchange({ url, agent, ...(advert.ca && { ca: advert.ca }) }, adverts, ends),
      ),
    greet: async (url, adverts, signal) => {
      const named = agentAt(url);
      if (named === undefined) return [];
      const { id: agent, ca } = named;
      const ends = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
      return await exchange({ url, agent, ...(ca && { ca }) }, adverts, ends);
    },
    resolve: ({ agent, advert }, question, signal) =>
      firstOf(reachOf({ agent, advert }), signal, RESOLVE_MS, async (url, ends) => {
        const address = { url, agent, ...(advert.ca && { ca: advert.ca }) };
        const answer = await ask(address, RESOLVE_PATH, question, ends);
        const found = v.parse(resolvedSchema, answer).advert;
        return found === null ? undefined : readAdvert(found);
      }),
  };
}

/** Tries all addresses of one agent at once: the first that answers counts, the rest are let go. */
async function firstOf<T>(
  addresses: readonly string[],
  signal: AbortSignal,
  timeoutMs: number,
  ask: (url: string, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const enough = new AbortController();
  const ends = AbortSignal.any([signal, enough.signal, AbortSignal.timeout(timeoutMs)]);
  try {
    return await Promise.any(addresses.map((url) => ask(url, ends)));
  } catch (cause) {
    throw new PeerError("unreachable", "Cannot reach an agent at any of its addresses", { cause });
  } finally {
    enough.abort();
  }
}

async function readJson({ body }: Response, url: string): Promise<unknown> {
  const bytes = await collectBytes(body, EXCHANGE_BYTES);
  if (bytes) return JSON.parse(new TextDecoder().decode(bytes));
  const found = `its answer is longer than ${EXCHANGE_BYTES} bytes`;
  throw new PeerError("bad_field", `Cannot believe an agent at ${url}: ${found}`);
}
