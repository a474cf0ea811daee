import assert from "node:assert/strict";
import fc from "fast-check";
import {
  encodeFrame,
  type Frame,
  FrameDecoder,
  FrameError,
  TAG_BYTES,
} from "../../runtime/sandbox/frame.ts";

const TAG = new Uint8Array(TAG_BYTES).map((_, i) => i + 1);

function tagged(kind: number, body: Uint8Array): Uint8Array {
  const frame = encodeFrame(kind, body);
  const bytes = new Uint8Array(TAG_BYTES + frame.length);
  bytes.set(TAG);
  bytes.set(frame, TAG_BYTES);
  return bytes;
}

function decodeAll(chunks: Uint8Array[], maxBody = 1000): Frame[] {
  const decoder = new FrameDecoder(TAG, maxBody);
  return chunks.flatMap((chunk) =>
    [...decoder.push(chunk)].map(({ kind, body }) => ({ kind, body: body.slice() }))
  );
}

function concat(parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

Deno.test("FrameDecoder finds the same frames however the bytes are cut", () => {
  const frames = fc.array(
    fc.record({ kind: fc.integer({ min: 0, max: 255 }), body: fc.uint8Array({ maxLength: 40 }) }),
    { maxLength: 8 },
  );
  fc.assert(fc.property(frames, fc.integer({ min: 1, max: 60 }), (sent, size) => {
    const bytes = concat(sent.map(({ kind, body }) => tagged(kind, body)));
    const chunks = [];
    for (let i = 0; i < bytes.length; i += size) chunks.push(bytes.subarray(i, i + size));
    assert.deepEqual(
      decodeAll(chunks).map(({ kind, body }) => [kind, [...body]]),
      sent.map(({ kind, body }) => [kind, [...body]]),
    );
  }));
});

Deno.test("FrameDecoder refuses the first byte that is not the tag's", async (t) => {
  for (let i = 0; i < TAG_BYTES; i++) {
    await t.step(`tag byte ${i} changed`, () => {
      const bytes = tagged(1, new Uint8Array(3));
      bytes[i]! ^= 1;
      assert.throws(
        () => decodeAll([bytes.subarray(0, i + 1)]),
        (error) => error instanceof FrameError && error.code === "untagged",
      );
    });
  }
});

Deno.test("FrameDecoder refuses bytes behind a whole frame that are not a frame", () => {
  assert.throws(
    () => decodeAll([concat([tagged(1, new Uint8Array(3)), Uint8Array.of(0)])]),
    (error) => error instanceof FrameError && error.code === "untagged",
  );
});

Deno.test("FrameDecoder accepts a body of maxBody and refuses one byte more by its header alone", () => {
  assert.equal(decodeAll([tagged(1, new Uint8Array(1000))]).length, 1);
  const header = tagged(1, new Uint8Array(1001)).subarray(0, TAG_BYTES + 5);
  assert.throws(
    () => decodeAll([header]),
    (error) => error instanceof FrameError && error.code === "too_long",
  );
});

Deno.test("FrameDecoder takes a body of 200 kB byte by byte in linear time", () => {
  const body = new Uint8Array(200_000).map((_, i) => i);
  const chunks = Array.from(tagged(1, body), (byte) => Uint8Array.of(byte));
  assert.deepEqual(decodeAll(chunks, body.length), [{ kind: 1, body }]);
});
