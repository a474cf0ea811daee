import type { Digest } from "../core/documents/common.ts";
import { pinnedAuthority } from "./pinned_authority.ts";

/** What carries a call in the stead of the runtime's own `fetch()`, such as a way through a relay. */
export interface CallCarrier {
  fetch(url: string, init: RequestInit): Promise<Response>;
  close(): void;
}

/** An HTTP client of the runtime's, or something in its stead. */
export type CallClient = Deno.HttpClient | CallCarrier;

/** HTTP clients that each believe one certificate authority and no other. */
export class PinnedClients {
  readonly #clients = new Map<Digest, Promise<Deno.HttpClient>>();
  readonly #carriers = new Map<string, CallCarrier>();
  readonly #carry: ((origin: string) => CallCarrier | undefined) | undefined;

  /** @param carry Makes what carries calls to an address that is not one of the network. */
  constructor(carry?: (origin: string) => CallCarrier | undefined) {
    this.#carry = carry;
  }

  /**
   * The client for an address whose certificate is pinned; made at its first use.
   *
   * @param ca Of the authority's certificate, learnt from something signed.
   * @returns `undefined` where nothing is pinned: plain HTTP, or a certificate everybody believes.
   * @throws {PeerError} unreachable – nobody answers there, or not with that certificate
   */
  async clientFor(url: string, ca: Digest | undefined): Promise<CallClient | undefined> {
    const carrier = this.#carrierFor(url);
    if (carrier) return carrier;
    if (ca === undefined || !url.startsWith("https:")) return undefined;
    const known = this.#clients.get(ca) ??
      pinnedAuthority(url, ca).then((pem) => Deno.createHttpClient({ caCerts: [pem] }));
    this.#clients.set(ca, known);
    try {
      return await known;
    } catch (error) {
      this.#clients.delete(ca);
      throw error;
    }
  }

  /** Lets every connection go. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const carrier of this.#carriers.values()) carrier.close();
    this.#carriers.clear();
    const clients = await Promise.allSettled(this.#clients.values());
    for (const client of clients) if (client.status === "fulfilled") client.value.close();
    this.#clients.clear();
  }

  #carrierFor(url: string): CallCarrier | undefined {
    if (!this.#carry) return undefined;
    const { origin } = new URL(url);
    const carrier = this.#carriers.get(origin) ?? this.#carry(origin);
    if (carrier) this.#carriers.set(origin, carrier);
    return carrier;
  }
}
