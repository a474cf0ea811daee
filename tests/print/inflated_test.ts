import assert from "node:assert/strict";
import { inflated } from "../../scripts/print/inflated.ts";

const BOMB_BYTES = 40_000_000;

/** Octets that say nothing, packed into one piece of a thousandth of their length. */
async function bomb(format: "gzip" | "deflate"): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Blob([new Uint8Array(BOMB_BYTES)]).stream();
  return await new Response(content.pipeThrough(new CompressionStream(format))).bytes();
}

for (const format of ["gzip", "deflate"] as const) {
  Deno.test(`inflated() makes no more than 5 MB at once of what is packed as ${format}`, async () => {
    let length = 0, longest = 0;
    for await (const piece of inflated(ReadableStream.from([await bomb(format)]), format)) {
      length += piece.length;
      longest = Math.max(longest, piece.length);
    }
    assert.equal(length, BOMB_BYTES);
    assert.ok(longest <= 5_000_000, `${longest} bytes at once`);
  });

  Deno.test(`inflated() reads no more of what is packed as ${format} than is wanted`, async () => {
    const whole = await bomb(format);
    let given = 0;
    const slow = ReadableStream.from((function* () {
      for (; given < whole.length; given += 4_096) yield whole.subarray(given, given + 4_096);
    })());
    for await (const piece of inflated(slow, format)) {
      assert.ok(piece.length > 0);
      break;
    }
    assert.ok(given < whole.length, "all of it was read");
  });
}
