import assert from "node:assert/strict";
import fc from "fast-check";
import { Bitfield } from "../../../runtime/peer/swarm/bitfield.ts";
import { ChunkPicker } from "../../../runtime/peer/swarm/chunk_picker.ts";

function field(length: number, ...chunks: number[]): Bitfield {
  const field = new Bitfield(length);
  chunks.forEach((index) => field.add(index));
  return field;
}

function picker(length: number, ...have: number[]): ChunkPicker {
  return new ChunkPicker(field(length, ...have), { random: () => 0, lateMs: () => 1000 });
}

Deno.test("Bitfield.from() reads what bytes() wrote and refuses bits behind the end", () => {
  fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 99 }), (bits) => {
    const chunks = bits.flatMap((bit, index) => bit ? [index] : []);
    const written = field(bits.length, ...chunks);
    const read = Bitfield.from(written.bytes(), bits.length);
    assert.equal(read.count, chunks.length);
    assert.deepEqual(bits.map((_, index) => read.has(index)), bits);
  }));
  assert.throws(() => Bitfield.from(Uint8Array.of(0b0001_0000), 3), RangeError);
  assert.throws(() => Bitfield.from(Uint8Array.of(0, 0), 8), RangeError);
  assert.doesNotThrow(() => Bitfield.from(Uint8Array.of(0b0010_0000), 3));
});

Deno.test("ChunkPicker.next() asks for the rarest chunk a peer has", () => {
  const picks = picker(3);
  picks.update("a", field(3, 0, 1, 2));
  picks.update("b", field(3, 0, 1));
  picks.update("c", field(3, 0));
  assert.deepEqual([picks.next("a", 0), picks.next("a", 0), picks.next("a", 0)], [2, 1, 0]);
});

Deno.test("ChunkPicker.next() asks nobody for what is there, nor two for what is under way", () => {
  const picks = picker(6, 0);
  picks.update("a", field(6, 0, 1, 2, 3, 4, 5));
  picks.update("b", field(6, 0, 1));
  assert.equal(picks.next("b", 0), 1);
  assert.equal(picks.next("b", 0), undefined);
  const asked = [2, 3, 4, 5].map(() => picks.next("a", 0));
  assert.deepEqual(asked.toSorted(), [2, 3, 4, 5]);
});

Deno.test("ChunkPicker.next() asks a second peer for a chunk that is late, not before", () => {
  const picks = picker(9);
  const all = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  picks.update("a", field(9, ...all));
  picks.update("b", field(9, ...all));
  for (const _ of all) picks.next("a", 0);
  assert.equal(picks.next("b", 999), undefined);
  assert.notEqual(picks.next("b", 1000), undefined);
});

Deno.test("ChunkPicker.next() asks several at the end, when all that is missing is under way", () => {
  const picks = picker(4, 0, 1, 2);
  for (const peer of ["a", "b", "c", "d"]) picks.update(peer, field(4, 3));
  assert.equal(picks.next("a", 0), 3);
  // Others may be spared it as long as it may come.
  assert.equal(picks.next("b", 249), undefined);
  assert.deepEqual(
    [["b", 250], ["c", 500], ["d", 750]].map(([p, at]) => picks.next(`${p}`, Number(at))),
    [3, 3, undefined],
  );
});

Deno.test("ChunkPicker.refused() leaves a chunk to others, and to that peer later", () => {
  const picks = picker(1);
  picks.update("a", field(1, 0));
  picks.update("b", field(1, 0));
  assert.equal(picks.next("a", 0), 0);
  picks.refused("a", 0, 500);
  assert.equal(picks.next("a", 499), undefined);
  assert.equal(picks.next("b", 499), 0);
  picks.remove("b");
  assert.equal(picks.next("a", 501), 0);
});

Deno.test("ChunkPicker.remove() gives up what the peer was asked for", () => {
  const picks = picker(9);
  picks.update("a", field(9, 4));
  picks.update("b", field(9, 4));
  assert.equal(picks.next("a", 0), 4);
  picks.remove("a");
  assert.equal(picks.copies(4), 1);
  assert.equal(picks.next("b", 0), 4);
  assert.equal(picks.next("a", 0), undefined);
});
