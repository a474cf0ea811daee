import { isBodyless } from "../core/http_status.ts";
import { digestOf } from "../core/digest.ts";
import type { Digest, KeyId } from "../core/documents/common.ts";
import type { Signer } from "../core/key.ts";
import { requireDigest } from "./content_digest.ts";
import { PeerError } from "./errors.ts";
import type { CallClient } from "./pinned_clients.ts";
import { signRequest } from "./sign_request.ts";
import { verifyResponse } from "./response_signature.ts";

/** A body that is too long to be held: its digest must be known ahead, as a blob's is. */
export interface SignedBody {
  readonly stream: ReadableStream<Uint8Array>;
  readonly digest: Digest;
}

/** What {@linkcode signedFetch} works with. */
export interface SignedFetchOptions {
  signer: Signer;
  /** The agent that is asked, and that must answer. */
  recipient: KeyId;
  method?: string;
  headers?: HeadersInit;
  body?: Uint8Array | SignedBody;
  /** What pins the agent's certificate: `Deno.createHttpClient({ caCerts })`; or carries the call. */
  client?: CallClient;
  signal?: AbortSignal;
  /** Milliseconds since the epoch; default: the local clock. */
  now?: number;
  /**
   * Asks for a body as it is made, such as a stream of events, and lets a successful answer through
   * whose body no digest covers. Then only TLS keeps others from adding to it.
   */
  unsafeUncoveredBody?: boolean;
  /**
   * Leaves it to the caller to hash the body, which must have the digest of `content-digest`. Saves
   * the second hash of what has to have a known digest anyway.
   */
  unsafeUnhashedBody?: boolean;
}

/** A refusal is one short sentence; what is longer is none. */
const REFUSAL_BYTES = 4_096;

/**
 * Asks an agent with a signed request, and believes only the answer that it signed for it. An
 * answer with another body than its signature covers breaks off with an error when it is read to
 * the end.
 *
 * @param url Absolute.
 * @throws {PeerError} unreachable – nobody answers, or not with the pinned certificate
 * @throws {PeerError} unsigned, bad_field, not_covered, unknown_key, bad_signature – the answer is
 *   not by this agent or not to this call; a refusal to listen at all is not signed either
 */
export async function signedFetch(url: string, options: SignedFetchOptions): Promise<Response> {
  const { signer, recipient, body, client, signal, method = "GET" } = options;
  const target = new URL(url);
  target.hash = "";
  const headers = new Headers(options.headers);
  if (options.unsafeUncoveredBody) headers.set("want-content-digest", "sha-256=0");
  const digest = body && ("stream" in body ? body.digest : digestOf(body));
  if (digest && !headers.has("content-type")) {
    headers.set("content-type", "application/octet-stream");
  }
  const request = { method, url: target.href, headers, ...(digest && { digest }) };
  signRequest(request, { signer, recipient, now: options.now ?? Date.now() });
  const response = await ask(request.url, {
    method,
    headers,
    redirect: "error",
    ...(body && { body: "stream" in body ? body.stream : new Uint8Array(body) }),
    ...(signal && { signal }),
  }, client);
  try {
    return believe(response, request, options);
  } catch (error) {
    const refusal = response.ok ? undefined : await refusalCode(response);
    await response.body?.cancel().catch(() => {});
    if (!(error instanceof PeerError) || refusal === undefined) throw error;
    const message = `${error.message}; it says that it refuses: ${refusal}`;
    throw new PeerError(error.code, message, { cause: error, refusal });
  }
}

/** What an answer gives as its reason, unproven: an agent signs nothing for a stranger. */
async function refusalCode({ body, headers }: Response): Promise<string | undefined> {
  if (!body || Number(headers.get("content-length") ?? Infinity) > REFUSAL_BYTES) return undefined;
  const text = await new Response(body).text().catch(() => "");
  return /"code":"([a-z_]{1,40})"/.exec(text)?.[1];
}

async function ask(url: string, init: RequestInit, client: CallClient | undefined) {
  try {
    if (client && "fetch" in client) return await client.fetch(url, init);
    return await fetch(url, { ...init, ...(client && { client }) });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    const { origin } = new URL(url);
    throw new PeerError("unreachable", `Cannot reach an agent at ${origin}`, { cause });
  }
}

function believe(
  response: Response,
  request: { method: string; url: string; headers: Headers },
  { recipient, unsafeUncoveredBody, unsafeUnhashedBody }: SignedFetchOptions,
): Response {
  const { digest } = verifyResponse(response, request, recipient);
  const { status, headers, body } = response;
  if (body === null || request.method === "HEAD" || isBodyless(status)) return response;
  if (digest && unsafeUnhashedBody) return response;
  if (digest) return new Response(requireDigest(body, digest), { status, headers });
  if (unsafeUncoveredBody && response.ok) return response;
  throw new PeerError("not_covered", "Cannot believe an answer as nothing covers its body");
}
