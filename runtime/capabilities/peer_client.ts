import * as v from "valibot";
import { canonicalBytes } from "../core/canonical_json.ts";
import { collectBytes } from "../core/collect_bytes.ts";
import { type Digest, digestSchema } from "../core/documents/common.ts";
import type { Attachment, Order } from "../core/documents/order.ts";
import { payloadType, sealDocument } from "../core/dsse.ts";
import { instantOf } from "../core/instant.ts";
import type { Signer } from "../core/key.ts";
import type { Outcome } from "../core/outcome.ts";
import { type CallClient, PeerError, signedFetch, type SignedFetchOptions } from "../peer/mod.ts";
import type { PeerEntry } from "../policy/mod.ts";
import { CALL_BOUNDS, CapabilityError } from "../sandbox/mod.ts";

/** How long a peer may take to answer, apart from what is uploaded to it. */
const ANSWER_MS = 30_000;
/** A run's record with its outcome. */
const RECORD_BYTES = 2_000_000;

const missingSchema = v.object({ missing: v.array(digestSchema) });
const takenSchema = v.object({ run: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) });
const recordSchema = v.object({
  state: v.picklist(["accepted", "running", "ended"]),
  outcome: v.nullable(v.looseObject({ outcome: v.string() })),
});
const refusalSchema = v.object({ error: v.object({ code: v.pipe(v.string(), v.maxLength(64)) }) });

/** Who this agent is to its peers. */
export interface PeerClientOptions {
  readonly signer: Signer;
  fleet(): string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** What calls to an address go through. */
  clientFor(url: string, ca: Digest | undefined): Promise<CallClient | undefined>;
}

/** What of an order the script decides. */
export type PeerOrder = Pick<
  Order,
  "script" | "input" | "attachments" | "idempotencyKey" | "queueKey"
>;

/** Gives orders to other agents, in this agent's name. */
export class PeerClient {
  readonly #options: PeerClientOptions;

  constructor(options: PeerClientOptions) {
    this.#options = options;
  }

  /**
   * Orders a run: asks what of the attachments is missing, uploads that, gives the order.
   *
   * @param options.open Opens an attachment's content.
   * @returns the run's number over there, when it is on disk there.
   * @throws {CapabilityError} unavailable – the peer cannot be reached, or is busy
   * @throws {CapabilityError} invalid – the order cannot be written
   * @throws {CapabilityError} failed – the peer refuses it; its code is in the message
   */
  async order(
    peer: PeerEntry,
    order: PeerOrder,
    options: {
      expiresMs: number;
      signal: AbortSignal;
      open(attachment: Attachment): ReadableStream<Uint8Array>;
    },
  ): Promise<number> {
    const { signal, open } = options;
    const envelope = this.#seal(peer, order, options.expiresMs);
    const type = payloadType("order");
    if (order.attachments.length > 0) {
      const asked = await this.#ask(peer, "/v1/attachments", { body: envelope, type, signal });
      const { missing } = v.parse(missingSchema, asked);
      for (const digest of new Set(missing)) {
        const attachment = order.attachments.find(({ sha256 }) => sha256 === digest);
        if (!attachment) continue;
        const body = { stream: open(attachment), digest };
        await this.#ask(peer, `/v1/blobs/${digest}`, { method: "PUT", body, signal, long: true });
      }
    }
    const taken = await this.#ask(peer, "/v1/orders", { body: envelope, type, signal });
    return v.parse(takenSchema, taken).run;
  }

  /**
   * How a run is doing that this agent ordered.
   *
   * @throws {CapabilityError} unavailable, not_found, failed – as {@linkcode order}
   */
  async run(
    peer: PeerEntry,
    run: number,
    signal: AbortSignal,
  ): Promise<{ state: "accepted" | "running" | "ended"; outcome?: Outcome }> {
    const record = v.parse(recordSchema, await this.#ask(peer, `/v1/runs/${run}`, { signal }));
    const { state, outcome } = record;
    return { state, ...(outcome && { outcome: outcome as unknown as Outcome }) };
  }

  /**
   * What a script's endpoint over there answers to this agent.
   *
   * @param path As a URL has it, below the endpoint.
   * @throws {CapabilityError} unavailable – the peer cannot be reached, or its answer is too long
   */
  async fetch(
    peer: PeerEntry,
    path: string,
    signal: AbortSignal,
  ): Promise<{ status: number; body: Uint8Array }> {
    const response = await this.#send(peer, path, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    return {
      status: response.status,
      body: await readBytes(response, peer, CALL_BOUNDS.chunkBytes),
    };
  }

  #seal(peer: PeerEntry, order: PeerOrder, expiresMs: number): Uint8Array {
    const { signer, fleet, now } = this.#options;
    const issued = now();
    const whole: Order = {
      ...order,
      id: crypto.randomUUID(),
      fleet: fleet(),
      audience: { agents: [peer.id] },
      issued: instantOf(issued),
      expires: instantOf(issued + expiresMs),
    };
    try {
      canonicalBytes(whole);
      return sealDocument("order", whole, [signer]);
    } catch (cause) {
      throw new CapabilityError("invalid", "Cannot order this as it is not JSON of an order", {
        cause,
      });
    }
  }

  async #ask(
    peer: PeerEntry,
    path: string,
    { method, body, type, signal, long = false }: {
      method?: string;
      body?: Uint8Array | { stream: ReadableStream<Uint8Array>; digest: Attachment["sha256"] };
      type?: string;
      signal: AbortSignal;
      /** An upload takes as long as it moves; its receiver cuts one that does not. */
      long?: boolean;
    },
  ): Promise<unknown> {
    const response = await this.#send(peer, path, {
      method: method ?? (body ? "POST" : "GET"),
      signal: long ? signal : AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
      ...(body && { body }),
      ...(type !== undefined && { headers: { "content-type": type } }),
    });
    const answer = await readJson(response, peer);
    if (response.ok) return answer;
    const refusal = v.safeParse(refusalSchema, answer);
    const word = refusal.success ? refusal.output.error.code : String(response.status);
    const code = response.status === 404
      ? "not_found"
      : response.status === 503 || response.status === 507
      ? "unavailable"
      : "failed";
    throw new CapabilityError(code, `Cannot order from "${peer.name}" as it refuses: ${word}`);
  }

  async #send(
    peer: PeerEntry,
    path: string,
    init: Pick<SignedFetchOptions, "method" | "body" | "headers" | "signal">,
  ): Promise<Response> {
    const { signer, now } = this.#options;
    const { id: recipient, url, ca } = peer;
    try {
      const client = await this.#options.clientFor(url, ca);
      const options = { ...init, signer, recipient, now: now(), ...(client && { client }) };
      return await signedFetch(`${url}${path}`, options);
    } catch (error) {
      throw unreachable(peer, error);
    }
  }
}

async function readJson(response: Response, peer: PeerEntry): Promise<unknown> {
  const bytes = await readBytes(response, peer, RECORD_BYTES);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw unreachable(peer, error);
  }
}

async function readBytes(
  { body }: Response,
  peer: PeerEntry,
  maxBytes: number,
): Promise<Uint8Array> {
  const bytes = await collectBytes(body, maxBytes).catch((error) => {
    throw unreachable(peer, error);
  });
  if (bytes) return bytes;
  throw unreachable(peer, new RangeError("its answer is too long"));
}

/** Of a refusal its code, of anything else no more than that it was so. */
function unreachable(peer: PeerEntry, cause: unknown): CapabilityError {
  const found = cause instanceof PeerError ? cause.code : "its answer was not complete";
  const message = `Cannot reach "${peer.name}" so that it can be believed: ${found}`;
  return new CapabilityError("unavailable", message, { cause });
}
