import assert from "node:assert/strict";
import { PacedStream } from "../../runtime/sandbox/paced_stream.ts";

Deno.test("PacedStream.write() waits until its piece is read", async () => {
  const stream = new PacedStream<string>(() => {});
  const reader = stream.readable.getReader();
  let taken = false;
  const written = stream.write("one").then(() => taken = true);
  await Promise.resolve();
  assert.ok(stream.waiting && !taken);
  assert.equal((await reader.read()).value, "one");
  await written;
  const read = reader.read();
  await stream.write("two");
  assert.equal((await read).value, "two");
});

Deno.test("PacedStream.close() ends the stream after what is in it", async () => {
  const stream = new PacedStream<string>(() => {});
  const written = stream.write("last");
  stream.close();
  await written;
  assert.deepEqual(await Array.fromAsync(stream.readable), ["last"]);
  await stream.write("more");
});

Deno.test("PacedStream tells its writer when the reader gives up, and holds it no longer", async () => {
  const reasons: unknown[] = [];
  const stream = new PacedStream<string>((reason) => reasons.push(reason));
  const written = stream.write("one");
  await stream.readable.cancel("enough");
  await written;
  assert.deepEqual(reasons, ["enough"]);
  stream.close();
});

Deno.test("PacedStream.error() breaks the stream off", async () => {
  const stream = new PacedStream<string>(() => {});
  const written = stream.write("one");
  stream.error(new RangeError("broken"));
  await written;
  await assert.rejects(Array.fromAsync(stream.readable), RangeError);
});
