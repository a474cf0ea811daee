import * as v from "valibot";
import { decodeBase64, encodeBase64 } from "../../core/base64.ts";
import type { Digest, KeyId } from "../../core/documents/common.ts";
import { keyIdSchema } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import { PeerError } from "../errors.ts";
import type { PinnedClients } from "../pinned_clients.ts";
import { signedFetch } from "../signed_fetch.ts";
import { CONNECT_MS, EXCHANGED_ADVERTS, type MembershipCalls } from "./membership.ts";

/** Where adverts are exchanged, and where an agent is asked for. */
export const EXCHANGE_PATH = "/v1/peers/exchange";
export const RESOLVE_PATH = "/v1/peers/resolve";

/** Bytes of a body with as many adverts as an exchange has. */
export const EXCHANGE_BYTES = 64 << 10;
/** A question waits for those it is passed on to. */
const RESOLVE_MS = 8_000;

const advertText = v.pipe(v.string(), v.maxLength(16_384), v.regex(/^[A-Za-z0-9_-]*$/));

/** Adverts of an exchange, either way: the sender's own first. */
export const exchangeSchema = v.strictObject({
  adverts: v.pipe(v.array(advertText), v.maxLength(1 + EXCHANGED_ADVERTS)),
});
/** A question for an agent. */
export const questionSchema = v.strictObject({
  id: v.pipe(v.string(), v.uuid()),
  agent: keyIdSchema,
  hops: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(16)),
});
/** Its answer. */
export const resolvedSchema = v.strictObject({ advert: v.nullable(advertText) });

/** Adverts as they travel. */
export function writeAdverts(adverts: readonly Uint8Array[]) {
  return { adverts: adverts.map((bytes) => encodeBase64(bytes, "base64url")) };
}

/** @throws {PeerError} bad_field – for text that is no base64url */
export function readAdvert(text: string): Uint8Array {
  const bytes = decodeBase64(text, "base64url");
  if (bytes) return bytes;
  throw new PeerError("bad_field", "Cannot read an advert as it is not base64url");
}

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
    if (response.ok) return await response.json();
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
        advert.addresses,
        signal,
        CONNECT_MS,
        (url, ends) => exchange({ url, agent, ...(advert.ca && { ca: advert.ca }) }, adverts, ends),
      ),
    greet: async (url, adverts, signal) => {
      const named = agentAt(url);
      if (named === undefined) return [];
      const { id: agent, ca } = named;
      return await exchange({ url, agent, ...(ca && { ca }) }, adverts, signal);
    },
    resolve: ({ agent, advert }, question, signal) =>
      firstOf(advert.addresses, signal, RESOLVE_MS, async (url, ends) => {
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
