import fc from "fast-check";
import assert from "node:assert/strict";
import { readEvents } from "../../runtime/cli/reach/event_source.ts";

const TEXT = 'id: 1\nevent: log\ndata: {"a":1}\n\n: comment\n\nid: 2\r\ndata: x\r\ndata: ä\r\n\r\n';
const EVENTS = [
  { id: "1", event: "log", data: '{"a":1}' },
  { id: "2", event: "message", data: "x\nä" },
];

async function eventsOf(chunks: readonly Uint8Array[]) {
  return await Array.fromAsync(readEvents(ReadableStream.from(chunks)));
}

Deno.test("readEvents() reads the same events however the stream is cut", async () => {
  const bytes = new TextEncoder().encode(TEXT);
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(cuts, async (places) => {
      const ends = [...places.sort((a, b) => a - b), bytes.length];
      const chunks = ends.map((end, i) => bytes.slice(ends[i - 1] ?? 0, end));
      assert.deepEqual(await eventsOf(chunks), EVENTS);
    }),
    { numRuns: 200 },
  );
});

Deno.test("readEvents() drops an event that the end of the stream cuts off", async () => {
  const cut = new TextEncoder().encode("id: 1\ndata: whole\n\nid: 2\ndata: half\n");
  assert.deepEqual(await eventsOf([cut]), [{ id: "1", event: "message", data: "whole" }]);
});

Deno.test("readEvents() takes an empty event field for none, and no id with a NUL", async () => {
  const bytes = new TextEncoder().encode("id: 1\nevent:\ndata\n\nid: 2\0\ndata: x\n\n");
  assert.deepEqual(await eventsOf([bytes]), [
    { id: "1", event: "message", data: "" },
    { id: "1", event: "message", data: "x" },
  ]);
});

Deno.test("readEvents() hands out an event as soon as its last CR has come", async () => {
  const bytes = new TextEncoder().encode("data: x\r\r");
  assert.deepEqual(await eventsOf([bytes]), [{ id: "", event: "message", data: "x" }]);
});

Deno.test("readEvents() refuses an event without an end, in one line or in many", async (t) => {
  const chunk = (text: string) => new TextEncoder().encode(text.repeat(10_000));
  for (const [what, text] of [["one", "data: x"], ["many", "data: x\n"]] as const) {
    await t.step(what, async () => {
      const endless = ReadableStream.from((function* () {
        yield new TextEncoder().encode("data: ");
        while (true) yield chunk(text);
      })());
      await assert.rejects(Array.fromAsync(readEvents(endless)), RangeError);
    });
  }
});

Deno.test("readEvents() ends when it is told to, though the stream does not", async () => {
  const told = new AbortController();
  const silent = new ReadableStream<Uint8Array>();
  const reading = Array.fromAsync(readEvents(silent, told.signal));
  told.abort(new RangeError("told"));
  await assert.rejects(reading, RangeError);
});
