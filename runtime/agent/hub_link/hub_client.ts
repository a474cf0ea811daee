import { collectBytes } from "../../core/collect_bytes.ts";
import type { Digest } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import type { HubEntry } from "../../policy/mod.ts";
import { PeerError, pinnedAuthority, signedFetch } from "../../peer/mod.ts";
import { connectSocket, type PeerSocket, SOCKET_LIMITS } from "../../peer/socket/mod.ts";
import { AgentError } from "../errors.ts";
import { Silence } from "./silence.ts";
import { hubPath, LINK_MESSAGE_BYTES, linkPath } from "./wire.ts";

/** How long an answer may be silent, wherever the hub is asked. */
const ANSWER_MS = 60_000;

/** What a hub comes to that is not there, or whose machine hangs: another may answer. */
const AWAY: ReadonlySet<string> = new Set(["unreachable", "silent", "cut_off", "no_place"]);

/** What a {@linkcode HubClient} asks with. */
export interface HubClientOptions {
  hub: Pick<HubEntry, "url" | "id" | "tenant" | "ca"> & Partial<Pick<HubEntry, "others">>;
  signer: Signer;
  /** Milliseconds since the epoch. */
  now(): number;
  /** How long an answer may be silent. Default: a minute, shared by all addresses. */
  answerMs?: number;
}

/** Asks one hub by signed calls, and believes only what that hub signed. */
export class HubClient implements Disposable {
  readonly #options: HubClientOptions;
  /** Where the hub is reached; the first one is asked, and goes to the end when it is not there. */
  readonly #urls: string[];
  readonly #https = new Map<string, Promise<Deno.HttpClient | undefined>>();

  constructor(options: HubClientOptions) {
    this.#options = options;
    const { url, others = [] } = options.hub;
    this.#urls = [url, ...others];
  }

  /**
   * What is there, whole and at most so long; `undefined` when nothing is.
   *
   * @throws {PeerError} – as `signedFetch()`
   * @throws {AgentError} hub_refused – the hub says no, or answers more than that
   */
  async get(
    rest: string,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const response = await this.#ask(rest, { ...(signal && { signal }) });
    if (response === undefined) return undefined;
    return await whole(response, maxBytes);
  }

  /** As {@linkcode get}, as it comes. What comes must be hashed by whoever takes it. */
  async stream(rest: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array> | undefined> {
    const response = await this.#ask(rest, { signal });
    return response?.body ?? undefined;
  }

  /** @throws – as {@linkcode get} */
  async post(
    rest: string,
    body: unknown,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    const headers = { "content-type": "application/json" };
    const asked = { method: "POST", body: bytes, headers, ...(signal && { signal }) };
    const response = await this.#ask(rest, asked);
    if (response) return await whole(response, maxBytes);
    throw new AgentError("hub_refused", "Cannot go on as the hub knows of no such thing");
  }

  /** Opens the one connection over which the hub speaks. */
  async connect(signal: AbortSignal): Promise<PeerSocket> {
    const { hub, signer, now } = this.#options;
    return await this.#reached(async (url) => {
      const client = await this.#client(url);
      return await connectSocket(`${url}${linkPath(hub.tenant)}`, {
        signer,
        recipient: hub.id,
        now: now(),
        signal,
        messageBytes: LINK_MESSAGE_BYTES,
        handshakeMs: Math.min(SOCKET_LIMITS.HANDSHAKE_MS, this.#answerMs),
        ...(client && { client }),
      });
    }, signal);
  }

  [Symbol.dispose](): void {
    for (const client of this.#https.values()) client.then((one) => one?.close(), () => {});
  }

  async #ask(
    rest: string,
    request: { method?: string; body?: Uint8Array; headers?: HeadersInit; signal?: AbortSignal },
  ): Promise<Response | undefined> {
    const { hub, signer, now } = this.#options;
    const { signal, ...asked } = request;
    try {
      return await this.#reached(async (url) => {
        const client = await this.#client(url);
        const silence = new Silence(this.#answerMs, signal);
        const response = await silence.during(signedFetch(`${url}${hubPath(hub.tenant, rest)}`, {
          ...asked,
          ...{ signal: silence.signal, signer, recipient: hub.id, now: now() },
          ...(client && { client }),
        }));
        return silence.watched(response);
      }, signal);
    } catch (error) {
      // A hub signs nothing when it refuses, as it may not know who asks.
      if (!(error instanceof PeerError) || error.refusal === undefined) throw error;
      if (error.refusal === "not_found") return undefined;
      const message = `Cannot go on as the hub refuses: ${error.refusal}`;
      throw new AgentError("hub_refused", message, { cause: error });
    }
  }

  /** Asks where the hub was reached last, and then wherever else it may be. */
  async #reached<T>(ask: (url: string) => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let left = this.#urls.length;; left--) {
      const url = this.#urls[0]!;
      try {
        return await ask(url);
      } catch (error) {
        if (signal?.aborted || !isAway(error)) throw error;
        // Another call may have found out before.
        if (this.#urls[0] === url) this.#urls.push(this.#urls.shift()!);
        if (left <= 1) throw error;
      }
    }
  }

  get #answerMs(): number {
    return (this.#options.answerMs ?? ANSWER_MS) / this.#urls.length;
  }

  #client(url: string): Promise<Deno.HttpClient | undefined> {
    const client = this.#https.get(url) ?? this.#makeClient(url, this.#options.hub.ca);
    this.#https.set(url, client);
    return client;
  }

  async #makeClient(url: string, ca: Digest | undefined): Promise<Deno.HttpClient | undefined> {
    if (ca === undefined) return undefined;
    return Deno.createHttpClient({ caCerts: [await pinnedAuthority(url, ca)] });
  }
}

function isAway(error: unknown): boolean {
  if (error instanceof PeerError) return AWAY.has(error.code);
  return error instanceof DOMException && error.name === "TimeoutError";
}

async function whole(response: Response, maxBytes: number): Promise<Uint8Array> {
  const bytes = await collectBytes(response.body, maxBytes);
  if (bytes) return bytes;
  throw new AgentError("hub_refused", `Cannot take more than ${maxBytes} bytes of the hub`);
}
