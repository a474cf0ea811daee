import type { Digest } from "../core/documents/common.ts";
import { pinnedAuthority } from "./pinned_authority.ts";

/** HTTP clients that each believe one certificate authority and no other. */
export class PinnedClients {
  readonly #clients = new Map<Digest, Promise<Deno.HttpClient>>();

  /**
   * The client for an address whose certificate is pinned; made at its first use.
   *
   * @param ca Of the authority's certificate, learnt from something signed.
   * @returns `undefined` where nothing is pinned: plain HTTP, or a certificate everybody believes.
   * @throws {PeerError} unreachable – nobody answers there, or not with that certificate
   */
  async clientFor(url: string, ca: Digest | undefined): Promise<Deno.HttpClient | undefined> {
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
    const clients = await Promise.allSettled(this.#clients.values());
    for (const client of clients) if (client.status === "fulfilled") client.value.close();
    this.#clients.clear();
  }
}
