import assert from "node:assert/strict";
import { chunksOf } from "../../../runtime/agent/endpoint/body_chunks.ts";
import { readAhead } from "../../../runtime/agent/endpoint/read_ahead.ts";

const KB = 1 << 10;

/** All of a body, what came first in front. */
async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { first, rest } = await readAhead(body);
  if (first.length > 0) yield first;
  if (rest) yield* rest;
}

Deno.test("readAhead() gives the same bytes in larger pieces", async () => {
  const sent = Uint8Array.from({ length: 1_000_003 }, (_, i) => i * 7);
  const chunks = Array.from({ length: 100 }, (_, i) => sent.slice(i * 10_001, (i + 1) * 10_001));
  const pieces: Uint8Array[] = [];
  for await (const piece of piecesOf(ReadableStream.from(chunks))) {
    pieces.push(piece);
    // As a cell does, it lets the client go on meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert.deepEqual(new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer()), sent);
  assert.ok(pieces.length <= 10, `${pieces.length} pieces`);
  assert.ok(pieces.every(({ length }) => length <= 256 * KB));
});

Deno.test("readAhead() waits for nothing, and reads no more than a little ahead", async () => {
  let given = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (to) => to.enqueue((given += 64 * KB, new Uint8Array(64 * KB))),
  }, { highWaterMark: 0 });
  const reader = (await readAhead(endless)).rest!.getReader();
  assert.ok(given <= 320 * KB, `${given} bytes were read before anybody wanted one`);
  assert.ok((await reader.read()).value!.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.ok(given <= 2_048 * KB, `${given} bytes were read`);
  await reader.cancel();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const { first, rest } = await readAhead(readable);
  assert.equal(first.length, 0, "nothing was there");
  const slow = rest!.getReader();
  const writer = writable.getWriter();
  void writer.write(new Uint8Array(3));
  assert.equal((await slow.read()).value!.length, 3);
  const broken = slow.read();
  await writer.abort(new Error("gone"));
  await assert.rejects(broken, /gone/);
});

Deno.test("readAhead() lets the event loop come to rest now and then", async () => {
  let given = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (to) => to.enqueue((given += 64 * KB, new Uint8Array(64 * KB))),
  }, { highWaterMark: 0 });
  let rests = 0;
  const timer = setInterval(() => rests++, 0);
  const reader = (await readAhead(endless)).rest!.getReader();
  // Nothing here ever waits: without a rest no timer would come.
  for (let taken = 0; taken < 16_384 * KB;) taken += (await reader.read()).value!.length;
  clearInterval(timer);
  await reader.cancel();
  assert.ok(rests >= 3, `${rests} rests`);
});

Deno.test("readAhead() reads a stream of bytes into memory of its own", async () => {
  const sent = Uint8Array.from({ length: 600_001 }, (_, i) => i * 7);
  let at = 0;
  const bytes = new ReadableStream({
    type: "bytes",
    pull(to) {
      const view = to.byobRequest!.view as Uint8Array<ArrayBuffer>;
      const part = sent.subarray(at, at + Math.min(view.length, 50_000));
      if (part.length === 0) to.close();
      view.set(part);
      at += part.length;
      to.byobRequest!.respond(part.length);
    },
  });
  const pieces = await Array.fromAsync(piecesOf(bytes));
  assert.deepEqual(await new Blob(pieces as BlobPart[]).bytes(), sent);
});

Deno.test("readAhead() gives a beginning that is there apart", async (t) => {
  const sent = Uint8Array.from({ length: 300_001 }, (_, i) => i * 7);
  for (const length of [0, 5, 8_192, 8_193, 300_001]) {
    await t.step(`of ${length} bytes`, async () => {
      const { first, rest } = await readAhead(ReadableStream.from([sent.subarray(0, length)]));
      assert.deepEqual(first, sent.slice(0, Math.min(length, 8_192)));
      assert.equal(rest === null, length <= 8_192);
      const after = rest ? await new Response(rest).bytes() : new Uint8Array(0);
      assert.deepEqual(after, sent.slice(8_192, Math.max(8_192, length)));
    });
  }
  await t.step("of a body that breaks", async () => {
    const broken = new ReadableStream({ start: (to) => to.error(new Error("gone")) });
    const { rest } = await readAhead(broken);
    await assert.rejects(new Response(rest).bytes(), /gone/);
  });
});

Deno.test("chunksOf() asks no more of a body in chunks than one chunk has, where they are alike", async () => {
  const asked: number[] = [];
  const body = new ReadableStream({
    type: "bytes",
    pull(to) {
      const view = to.byobRequest!.view!;
      asked.push(view.byteLength);
      to.byobRequest!.respond(Math.min(view.byteLength, 4_096));
    },
  });
  const chunks = chunksOf(body, true);
  for (let i = 0; i < 200; i++) await chunks.next();
  await chunks.cancel("enough");
  const inVain = asked.reduce((sum, bytes) => sum + bytes - 4_096, 0);
  assert.deepEqual(asked.slice(0, 3), [65_536, 65_536, 4_096]);
  assert.ok(asked.includes(8_192), "more is tried");
  assert.ok(inVain < 256 * KB, `${inVain} bytes were asked for in vain`);
});
