import type { Context } from "hono";
import { collectBytes } from "../../core/collect_bytes.ts";
import { digestOf } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import { within } from "../../core/wait.ts";
import { PeerError, requireSameDigest } from "../../peer/mod.ts";
import { AGENT_LIMITS } from "../limits.ts";
import { readAhead } from "../endpoint/read_ahead.ts";
import { callerOf } from "./admit.ts";
import { type BodyRoom, type BodySeat, LEAST_BODY_BYTES } from "./body_room.ts";
import { HttpRefusal } from "./refusal.ts";

/**
 * A request's body, whole. In order: announced length, length, deadline, and for a signed call the
 * digest that its signature covers.
 *
 * @param room Where anybody may send one: what is held of all such bodies together.
 * @throws {HttpRefusal} busy – it had to give way to others that arrive
 * @throws {HttpRefusal} too_large, timeout, incomplete – it is longer, too slow, or breaks off
 * @throws {PeerError} not_covered, digest_mismatch – the signature is over another body or none
 */
export async function readBody(
  c: Context,
  maxBytes: number,
  room?: BodyRoom,
): Promise<Uint8Array> {
  if (Number(c.req.header("content-length")) > maxBytes) throw new HttpRefusal("too_large");
  using seat = room?.enter(holderOf(c));
  const given = new Promise<never>((_, reject) => {
    seat?.evicted.addEventListener("abort", () => reject(new HttpRefusal("busy")));
    if (seat?.evicted.aborted) reject(new HttpRefusal("busy"));
  });
  const reading = (seat ? readInto(c, maxBytes, seat) : read(c, maxBytes)).catch((error) => {
    throw error instanceof HttpRefusal ? error : new HttpRefusal("incomplete");
  });
  const body = await within(AGENT_LIMITS.ORDER_BODY_MS, Promise.race([reading, given]), tooSlow);
  if (callerOf(c).kind === "signed" && body.length > 0) {
    requireSameDigest(digestOf(body), coveredDigest(c));
  }
  return body;
}

/**
 * A request's body as it comes, unless it trickles in so slowly that it only keeps a connection
 * busy. What it must have is checked by whoever stores it; for a signed call the signature must
 * cover just that.
 *
 * @param digest What the body must have.
 * @throws {HttpRefusal} too_large, timeout – through the stream
 * @throws {PeerError} not_covered, digest_mismatch – the signature covers another body or none
 */
export function streamBody(
  c: Context,
  digest: Digest,
  maxBytes = Infinity,
): ReadableStream<Uint8Array> {
  if (callerOf(c).kind === "signed") requireSameDigest(coveredDigest(c), digest);
  const body: ReadableStream<Uint8Array> = c.req.raw.body ?? ReadableStream.from([]);
  const isFramed = c.req.header("content-length") === undefined;
  return ReadableStream.from(inTime(body, isFramed, maxBytes));
}

function coveredDigest(c: Context): Digest {
  const caller = callerOf(c);
  if (caller.kind === "signed" && caller.digest) return caller.digest;
  throw new PeerError("not_covered", "Cannot take a body as the signature does not cover it");
}

/** All at once where the length is announced, which the server then keeps; else piece by piece. */
async function read(c: Context, maxBytes: number): Promise<Uint8Array> {
  const length = c.req.header("content-length");
  if (length !== undefined && c.req.header("transfer-encoding") === undefined) {
    return new Uint8Array(await c.req.arrayBuffer());
  }
  const bytes = await collectBytes(c.req.raw.body, maxBytes);
  if (bytes) return bytes;
  throw new HttpRefusal("too_large");
}

/**
 * As {@linkcode read}, but a body that is not short is held in memory of its own that grows as it
 * comes, so that it costs what came of it and nothing that was only announced.
 */
async function readInto(c: Context, maxBytes: number, seat: BodySeat): Promise<Uint8Array> {
  const announced = Number(c.req.header("content-length") ?? Infinity);
  const isChunked = c.req.header("transfer-encoding") !== undefined;
  if (announced <= LEAST_BODY_BYTES && !isChunked) return await read(c, maxBytes);
  const reader = c.req.raw.body?.getReader();
  seat.evicted.addEventListener("abort", () => void reader?.cancel().catch(() => {}));
  let bytes = new Uint8Array(Math.min(LEAST_BODY_BYTES, maxBytes));
  let length = 0;
  try {
    for (let part; reader && !(part = await reader.read()).done; length += part.value.length) {
      const wanted = length + part.value.length;
      if (wanted > maxBytes) throw new HttpRefusal("too_large");
      if (seat.evicted.aborted) throw new HttpRefusal("busy");
      if (wanted > bytes.length) {
        const size = Math.min(maxBytes, Math.max(wanted, 2 * bytes.length));
        seat.take(size);
        // Not left to the collector, which would be late.
        bytes = new Uint8Array(bytes.buffer.transfer(size));
      }
      bytes.set(part.value, length);
    }
  } finally {
    reader?.cancel().catch(() => {});
    if (seat.evicted.aborted) bytes = new Uint8Array(bytes.buffer.transfer(0));
  }
  return bytes.subarray(0, length);
}

/** Whoever is behind one address, or signs with one key. */
function holderOf(c: Context): string {
  const caller = callerOf(c);
  if (caller.kind === "signed") return caller.key;
  const { remoteAddr } = (c.env ?? {}) as Partial<Deno.ServeHandlerInfo>;
  return remoteAddr && "hostname" in remoteAddr ? remoteAddr.hostname : "";
}

async function* inTime(
  body: ReadableStream<Uint8Array>,
  isFramed: boolean,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  const { BODY_IDLE_MS, BODY_BYTES_PER_SECOND } = AGENT_LIMITS;
  const started = performance.now();
  // Larger pieces than clients send: each is a way to the disk.
  const { first, rest } = await readAhead(body, isFramed);
  const reader = rest?.getReader();
  let bytes = 0;
  try {
    for (let piece: Uint8Array | undefined = first; piece;) {
      bytes += piece.length;
      if (bytes > maxBytes) throw new HttpRefusal("too_large");
      const allowed = BODY_IDLE_MS + bytes / BODY_BYTES_PER_SECOND * 1000;
      if (performance.now() - started > allowed) throw new HttpRefusal("timeout");
      yield piece;
      piece = reader && (await within(BODY_IDLE_MS, reader.read(), tooSlow)).value;
    }
  } finally {
    reader?.cancel().catch(() => {});
  }
}

function tooSlow(): HttpRefusal {
  return new HttpRefusal("timeout");
}
