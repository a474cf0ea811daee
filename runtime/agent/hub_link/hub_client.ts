import { collectBytes } from "../../core/collect_bytes.ts";
import type { Digest } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import type { HubEntry } from "../../policy/mod.ts";
import { PeerError, pinnedAuthority, signedFetch } from "../../peer/mod.ts";
import { connectSocket, type PeerSocket } from "../../peer/socket/mod.ts";
import { AgentError } from "../errors.ts";
import { hubPath, LINK_MESSAGE_BYTES, linkPath } from "./wire.ts";

/** How long one answer may take. */
const ANSWER_MS = 60_000;

/** What a {@linkcode HubClient} asks with. */
export interface HubClientOptions {
  hub: Pick<HubEntry, "url" | "id" | "tenant" | "ca">;
  signer: Signer;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Asks one hub by signed calls, and believes only what that hub signed. */
export class HubClient implements Disposable {
  readonly #options: HubClientOptions;
  #http: Promise<Deno.HttpClient | undefined> | undefined;

  constructor(options: HubClientOptions) {
    this.#options = options;
  }

  /**
   * What is there, whole and at most so long; `undefined` when nothing is.
   *
   * @throws {PeerError} – as `signedFetch()`
   * @throws {AgentError} hub_refused – the hub says no, or answers more than that
   */
  async get(rest: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const response = await this.#ask(rest, {});
    if (response === undefined) return undefined;
    return await whole(response, maxBytes);
  }

  /** As {@linkcode get}, as it comes. What comes must be hashed by whoever takes it. */
  async stream(rest: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array> | undefined> {
    const response = await this.#ask(rest, { signal });
    return response?.body ?? undefined;
  }

  /** @throws – as {@linkcode get} */
  async post(rest: string, body: unknown, maxBytes: number): Promise<Uint8Array> {
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    const headers = { "content-type": "application/json" };
    const response = await this.#ask(rest, { method: "POST", body: bytes, headers });
    if (response) return await whole(response, maxBytes);
    throw new AgentError("hub_refused", "Cannot go on as the hub knows of no such thing");
  }

  /** Opens the one connection over which the hub speaks. */
  async connect(signal: AbortSignal): Promise<PeerSocket> {
    const { hub, signer, now } = this.#options;
    const client = await this.#client();
    return await connectSocket(`${hub.url}${linkPath(hub.tenant)}`, {
      signer,
      recipient: hub.id,
      now: now(),
      signal,
      messageBytes: LINK_MESSAGE_BYTES,
      ...(client && { client }),
    });
  }

  [Symbol.dispose](): void {
    this.#http?.then((client) => client?.close(), () => {});
  }

  async #ask(
    rest: string,
    request: { method?: string; body?: Uint8Array; headers?: HeadersInit; signal?: AbortSignal },
  ): Promise<Response | undefined> {
    const { hub, signer, now } = this.#options;
    const client = await this.#client();
    try {
      return await signedFetch(`${hub.url}${hubPath(hub.tenant, rest)}`, {
        signal: AbortSignal.timeout(ANSWER_MS),
        ...request,
        ...{ signer, recipient: hub.id, now: now() },
        ...(client && { client }),
      });
    } catch (error) {
      // A hub signs nothing when it refuses, as it may not know who asks.
      if (!(error instanceof PeerError) || error.refusal === undefined) throw error;
      if (error.refusal === "not_found") return undefined;
      const message = `Cannot go on as the hub refuses: ${error.refusal}`;
      throw new AgentError("hub_refused", message, { cause: error });
    }
  }

  #client(): Promise<Deno.HttpClient | undefined> {
    return this.#http ??= this.#makeClient(this.#options.hub.ca);
  }

  async #makeClient(ca: Digest | undefined): Promise<Deno.HttpClient | undefined> {
    if (ca === undefined) return undefined;
    return Deno.createHttpClient({ caCerts: [await pinnedAuthority(this.#options.hub.url, ca)] });
  }
}

async function whole(response: Response, maxBytes: number): Promise<Uint8Array> {
  const bytes = await collectBytes(response.body, maxBytes);
  if (bytes) return bytes;
  throw new AgentError("hub_refused", `Cannot take more than ${maxBytes} bytes of the hub`);
}
