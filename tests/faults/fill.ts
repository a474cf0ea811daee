import assert from "node:assert/strict";

/** Takes all the room there is. */
export function fill(path: string): void {
  using file = Deno.openSync(path, { write: true, createNew: true });
  for (const size of [65_536, 1]) {
    const block = new Uint8Array(size);
    try {
      for (;;) file.writeSync(block);
    } catch (error) {
      assert.match(String(error), /space/i);
    }
  }
}
