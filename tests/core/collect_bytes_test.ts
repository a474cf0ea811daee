import assert from "node:assert/strict";
import { collectBytes } from "../../runtime/core/collect_bytes.ts";

/** A body of chunks of these lengths, and whether it was cancelled. */
function bodyOf(...lengths: number[]) {
  const seen = { cancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const length = lengths.shift();
      if (length === undefined) controller.close();
      else controller.enqueue(new Uint8Array(length).fill(length));
    },
    cancel: () => {
      seen.cancelled = true;
    },
  }, { highWaterMark: 0 });
  return { body, seen };
}

Deno.test("collectBytes() gives a body whole up to its limit, and cancels a longer one", async () => {
  const { body, seen } = bodyOf(2, 1);
  assert.deepEqual(await collectBytes(body, 3), new Uint8Array([2, 2, 1]));
  assert.equal(seen.cancelled, false);
  const longer = bodyOf(2, 2);
  assert.equal(await collectBytes(longer.body, 3), undefined);
  assert.equal(longer.seen.cancelled, true);
});

Deno.test("collectBytes() takes a body that is empty, or none", async () => {
  assert.deepEqual(await collectBytes(bodyOf().body, 0), new Uint8Array());
  assert.deepEqual(await collectBytes(null, 0), new Uint8Array());
});

Deno.test("collectBytes() throws what the body breaks off with", async () => {
  const broken = new RangeError("cut off");
  const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(broken) });
  await assert.rejects(collectBytes(body, 3), broken);
});
