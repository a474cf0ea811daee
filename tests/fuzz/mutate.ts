import fc from "fast-check";

/** One change to a sequence of bytes. Positions are taken modulo the length. */
type Change =
  | { kind: "set"; at: number; byte: number }
  | { kind: "flip"; at: number; bit: number }
  | { kind: "insert"; at: number; bytes: Uint8Array }
  | { kind: "remove" | "repeat"; at: number; length: number }
  | { kind: "cut"; at: number };

const at = fc.nat(1 << 20);

function changes(words: readonly (string | Uint8Array)[]): fc.Arbitrary<Change> {
  const dictionary = words.map((word) =>
    typeof word === "string" ? new TextEncoder().encode(word) : word
  );
  const inserted = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    ...(dictionary.length === 0 ? [] : [fc.constantFrom(...dictionary)]),
  );
  return fc.oneof(
    fc.record({ kind: fc.constant("set" as const), at, byte: fc.nat(255) }),
    fc.record({ kind: fc.constant("flip" as const), at, bit: fc.nat(7) }),
    fc.record({ kind: fc.constant("insert" as const), at, bytes: inserted }),
    fc.record({
      kind: fc.constantFrom("remove" as const, "repeat" as const),
      at,
      length: fc.integer({ min: 1, max: 64 }),
    }),
    fc.record({ kind: fc.constant("cut" as const), at }),
  );
}

/**
 * Good samples with a few changes each: most of what is interesting lies near what is valid.
 *
 * @param words Pieces that mean something to the reader.
 */
export function mutatedBytes(
  samples: readonly Uint8Array[],
  words: readonly (string | Uint8Array)[] = [],
): fc.Arbitrary<Uint8Array> {
  return fc.tuple(fc.constantFrom(...samples), fc.array(changes(words), { maxLength: 6 }))
    .map(([sample, list]) => list.reduce(changed, sample));
}

/** As {@linkcode mutatedBytes}, for text; what is no longer UTF-8 is replaced. */
export function mutatedText(
  samples: readonly string[],
  words: readonly string[] = [],
): fc.Arbitrary<string> {
  const encoded = samples.map((sample) => new TextEncoder().encode(sample));
  return mutatedBytes(encoded, words).map((bytes) => new TextDecoder().decode(bytes));
}

/** Text of pieces that mean something to the reader, in any order. */
export function textOf(words: readonly string[], maxLength = 40): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...words) },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 4 }) },
  );
  return fc.array(piece, { maxLength }).map((pieces) => pieces.join(""));
}

/** Bytes cut into chunks anywhere, empty ones included. */
export function chunked(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
  return [...places, bytes.length].map((end, i) => bytes.slice(places[i - 1] ?? 0, end));
}

function changed(bytes: Uint8Array, change: Change): Uint8Array {
  const place = change.at % (bytes.length + 1);
  const [head, tail] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (change.kind) {
    case "set":
      return joined(head, Uint8Array.of(change.byte), tail.subarray(1));
    case "flip":
      return joined(head, tail.subarray(0, 1).map((b) => b ^ (1 << change.bit)), tail.subarray(1));
    case "insert":
      return joined(head, change.bytes, tail);
    case "remove":
      return joined(head, tail.subarray(change.length));
    case "repeat":
      return joined(head, tail.subarray(0, change.length), tail);
    case "cut":
      return head;
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
