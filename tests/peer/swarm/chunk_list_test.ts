import assert from "node:assert/strict";
import fc from "fast-check";
import { digestOf } from "../../../runtime/core/digest.ts";
import { PeerError } from "../../../runtime/peer/errors.ts";
import {
  chunkBytesFor,
  chunkLength,
  type ChunkList,
  chunkListBytes,
  makeChunkList,
  MAX_CHUNK_BYTES,
  MAX_CHUNKS,
  MAX_LIST_BYTES,
  MIN_CHUNK_BYTES,
  parseChunkList,
} from "../../../runtime/peer/swarm/chunk_list.ts";
import { randomBytes } from "./swarm.ts";

const list = async (length: number) =>
  await makeChunkList(ReadableStream.from([randomBytes(length)]), length);

function refused(value: unknown, id?: string): void {
  const bytes = value instanceof Uint8Array ? value : chunkListBytes(value as ChunkList);
  assert.throws(
    () => parseChunkList(bytes, (id ?? digestOf(bytes)) as `sha256:${string}`),
    (error: PeerError) => error instanceof PeerError && error.code === "bad_chunk_list",
  );
}

Deno.test("chunkBytesFor() gives a power of two within bounds that covers every length", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: MAX_CHUNKS * MAX_CHUNK_BYTES }), (length) => {
    const bytes = chunkBytesFor(length);
    assert.ok(Number.isInteger(Math.log2(bytes)));
    assert.ok(bytes >= MIN_CHUNK_BYTES && bytes <= MAX_CHUNK_BYTES);
    assert.ok(Math.ceil(length / bytes) <= MAX_CHUNKS);
  }));
});

Deno.test("makeChunkList() cuts the same however the bytes come", async () => {
  const bytes = randomBytes(3 * MIN_CHUNK_BYTES + 17);
  const whole = await makeChunkList(ReadableStream.from([bytes]), bytes.length);
  const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 300_000), bytes.subarray(300_000)];
  assert.deepEqual(await makeChunkList(ReadableStream.from(pieces), bytes.length), whole);
  assert.equal(whole.chunks.length, 4);
  assert.equal(whole.sha256, digestOf(bytes));
  assert.equal(chunkLength(whole, 3), 17);
  assert.equal(whole.chunks[3], digestOf(bytes.subarray(3 * MIN_CHUNK_BYTES)));
});

Deno.test("makeChunkList() refuses a body of another length than it was told", async () => {
  for (const told of [99, 101]) {
    await assert.rejects(
      makeChunkList(ReadableStream.from([randomBytes(100)]), told),
      (error: PeerError) => error instanceof PeerError && error.code === "bad_blob",
    );
  }
});

Deno.test("makeChunkList() reads nothing of a blob that is too long to cut", async () => {
  for (const [over, read] of [[0, true], [1, false]] as const) {
    let wasRead = false;
    const pull = (controller: ReadableStreamDefaultController) => {
      wasRead = true;
      controller.close();
    };
    const body = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 });
    await assert.rejects(
      makeChunkList(body, MAX_CHUNKS * MAX_CHUNK_BYTES + over),
      (error: PeerError) => error instanceof PeerError && error.code === "bad_blob",
    );
    assert.equal(wasRead, read, `${over} bytes over`);
  }
});

Deno.test("parseChunkList() reads what chunkListBytes() wrote, an empty blob included", async () => {
  for (const length of [0, 1, MIN_CHUNK_BYTES, MIN_CHUNK_BYTES + 1]) {
    const made = await list(length);
    const bytes = chunkListBytes(made);
    assert.deepEqual(parseChunkList(bytes, digestOf(bytes)), made);
  }
});

Deno.test("parseChunkList() refuses every list that does not fit its blob", async (t) => {
  const good = await list(2 * MIN_CHUNK_BYTES);
  const cases: Record<string, unknown> = {
    "a chunk too few": { ...good, chunks: good.chunks.slice(1) },
    "a chunk too many": { ...good, chunks: [...good.chunks, good.sha256] },
    "chunks of no power of two": { ...good, chunkBytes: MIN_CHUNK_BYTES + 1 },
    "chunks that are too small": { ...good, chunkBytes: MIN_CHUNK_BYTES / 2 },
    "chunks that are too large": { ...good, chunkBytes: MAX_CHUNK_BYTES * 2 },
    "a negative length": { ...good, length: -1 },
    "a digest that is none": { ...good, sha256: "sha256:00" },
    "an unknown field": { ...good, more: true },
    "an empty object": {},
    "no JSON": new TextEncoder().encode("chunks"),
    "nothing": new Uint8Array(),
    "more bytes than any list has": new Uint8Array(MAX_LIST_BYTES + 1),
    "white space": new TextEncoder().encode(JSON.stringify(good, null, 1)),
  };
  for (const [name, value] of Object.entries(cases)) await t.step(name, () => refused(value));
  await t.step("another list than the one asked for", () => {
    refused(chunkListBytes(good), digestOf(new Uint8Array()));
  });
});
