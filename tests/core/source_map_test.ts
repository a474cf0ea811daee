import assert from "node:assert/strict";
import fc from "fast-check";
import { SourceMap } from "node:module";
import { originalTrace } from "../../runtime/core/source_map.ts";
import { processorMs } from "../processor_ms.ts";

const URL = "script://acme/a@1.0.0";
const mapOf = (mappings: unknown, sources: unknown = ["a.ts", "lib/b.ts"]) =>
  JSON.stringify({ version: 3, sources, names: [], mappings });

/** Mappings of one segment for each place, each on a line of its own. */
function encode(places: readonly (readonly number[])[]): string {
  const before = [0, 0, 0, 0];
  return places.map((place) => {
    before[0] = 0;
    return place.map((value, i) => {
      const text = vlq(value - before[i]!);
      before[i] = value;
      return text;
    }).join("");
  }).join(";");
}

function vlq(value: number): string {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  let bits = value < 0 ? -value * 2 + 1 : value * 2;
  let text = "";
  do {
    const digit = bits % 32;
    bits = Math.floor(bits / 32);
    text += digits[digit + (bits > 0 ? 32 : 0)];
  } while (bits > 0);
  return text;
}

Deno.test("originalTrace() finds what the runtime's own reader of source maps finds", () => {
  const place = fc.tuple(
    fc.integer({ min: 0, max: 300 }),
    fc.integer({ min: 0, max: 1 }),
    fc.integer({ min: 0, max: 70_000 }),
    fc.integer({ min: 0, max: 300 }),
  );
  fc.assert(fc.property(fc.array(place, { minLength: 1, maxLength: 20 }), (places) => {
    const mappings = encode(places);
    const sources = ["a.ts", "lib/b.ts"];
    const map = new SourceMap({
      version: 3,
      file: "",
      sources,
      sourcesContent: [],
      names: [],
      mappings,
      sourceRoot: "",
    });
    for (const [i, [column]] of places.entries()) {
      const entry = map.findEntry(i, column + 7) as SourceMap["payload"] & {
        originalSource: string;
        originalLine: number;
        originalColumn: number;
      };
      assert.equal(
        originalTrace(`at f (${URL}:${i + 1}:${column + 8})`, URL, mapOf(mappings, sources)),
        `at f (${URL}/${entry.originalSource}:${entry.originalLine + 1}:${
          entry.originalColumn + 1
        })`,
      );
    }
  }));
});

Deno.test("originalTrace() leaves a place alone that stands before the first mapping", () => {
  const map = mapOf(encode([[4, 0, 9, 0]]));
  assert.equal(originalTrace(`${URL}:1:4`, URL, map), `${URL}:1:4`);
  assert.equal(originalTrace(`${URL}:1:5`, URL, map), `${URL}/a.ts:10:1`);
});

Deno.test("originalTrace() leaves places of other scripts alone", () => {
  const map = mapOf(encode([[0, 0, 9, 0]]));
  for (const other of ["script://acme/b@1.0.0:1:1", "script://acme/a@1x0.0:1:1", "ext:core:1:1"]) {
    assert.equal(originalTrace(other, URL, map), other);
  }
});

Deno.test("originalTrace() leaves the trace alone for a map that is none", () => {
  const trace = `at f (${URL}:1:1)`;
  const sound = { version: 3, sources: ["a.ts"], mappings: "AAAA" };
  assert.notEqual(originalTrace(trace, URL, JSON.stringify(sound)), trace);
  const broken = [
    {},
    { ...sound, version: 2 },
    { ...sound, sources: {} },
    { ...sound, sources: [1] },
    { ...sound, sources: ["a".repeat(501)] },
    { ...sound, sources: [] },
    { ...sound, mappings: null },
    { ...sound, mappings: "" },
    { ...sound, mappings: "A" },
    { ...sound, mappings: "!!!!" },
    { ...sound, mappings: "gggggggggggg" },
    { ...sound, mappings: "A\u{1f600}AAA" },
  ].map((map) => JSON.stringify(map));
  for (const map of ["", "null", "[]", "{", ...broken]) {
    assert.equal(originalTrace(trace, URL, map), trace, map);
  }
});

Deno.test("originalTrace() never throws and never hangs, whatever the map says", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (mappings, source) => {
    originalTrace(`at f (${URL}:1:1)`, URL, mapOf(mappings, [source]));
  }));
});

Deno.test("originalTrace() walks a long map once for all places of a trace", () => {
  const map = mapOf("A,".repeat(4_000_000) + "AAAA", ["a.ts"]);
  const trace = Array.from({ length: 200 }, (_, i) => `at f (${URL}:1:${i + 1})`).join("\n");
  const before = processorMs();
  const read = originalTrace(trace, URL, map);
  assert.ok(processorMs() - before < 1_500);
  assert.equal(read.split(`${URL}/a.ts:1:1)`).length, 201);
});

Deno.test("originalTrace() reads the first 200 places and keeps the rest of the text", () => {
  const one = `at f (${URL}:1:1)\n`;
  const read = originalTrace(one.repeat(201) + "end", URL, mapOf("AAAA", ["a.ts"]));
  assert.equal(read, `at f (${URL}/a.ts:1:1)\n`.repeat(200) + one + "end");
});
