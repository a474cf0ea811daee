import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeIpp } from "../../scripts/print/ipp/decode.ts";
import { encodeIpp } from "../../scripts/print/ipp/encode.ts";
import {
  BOUNDS,
  GROUP,
  type IppAttributes,
  type IppMessage,
  IppSyntaxError,
  type IppValue,
  TAG,
} from "../../scripts/print/ipp/message.ts";

/** Bytes from hexadecimal digits and `'text'`. */
function bytes(...parts: string[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) =>
      part.startsWith("'")
        ? [...new TextEncoder().encode(part.slice(1, -1))]
        : (part.match(/[0-9a-f]{2}/g) ?? []).map((pair) => Number.parseInt(pair, 16))
    ),
  );
}

const HEAD = "0101 0000 00000001";

Deno.test("encodeIpp() writes the Print-Job request of RFC 8010, Appendix A", () => {
  const operation: IppAttributes = new Map([
    ["attributes-charset", [{ tag: TAG.charset, data: "utf-8" }]],
    ["attributes-natural-language", [{ tag: TAG.language, data: "en-us" }]],
    ["printer-uri", [{ tag: TAG.uri, data: "ipp://printer.example.com/ipp/print/pinetree" }]],
    ["job-name", [{ tag: TAG.name, data: "foobar" }]],
    ["ipp-attribute-fidelity", [{ tag: TAG.boolean, data: true }]],
  ]);
  const job: IppAttributes = new Map<string, IppValue[]>([
    ["copies", [{ tag: TAG.integer, data: 20 }]],
    ["sides", [{ tag: TAG.keyword, data: "two-sided-long-edge" }]],
  ]);
  const message = {
    version: 0x0101,
    code: 2,
    requestId: 1,
    groups: [{ tag: GROUP.operation, attributes: operation }, {
      tag: GROUP.job,
      attributes: job,
    }],
  };
  // deno-fmt-ignore
  const expected = bytes(
    "0101 0002 00000001 01",
    "47 0012", "'attributes-charset'", "0005", "'utf-8'",
    "48 001b", "'attributes-natural-language'", "0005", "'en-us'",
    "45 000b", "'printer-uri'", "002c", "'ipp://printer.example.com/ipp/print/pinetree'",
    "42 0008", "'job-name'", "0006", "'foobar'",
    "22 0016", "'ipp-attribute-fidelity'", "0001 01",
    "02",
    "21 0006", "'copies'", "0004 00000014",
    "44 0005", "'sides'", "0013", "'two-sided-long-edge'",
    "03",
  );
  assert.deepEqual(encodeIpp(message), expected);
  const decoded = decodeIpp(Uint8Array.from([...expected, ...bytes("'%!PDF...'")]));
  assert.deepEqual(decoded, { message, end: expected.length });
});

Deno.test("decodeIpp() reads several values, empty groups, and tells where the document begins", () => {
  const input = bytes(HEAD, "02 02 23 0003 616161 0004 00000009 44 0000 0001", "'x'", "03 ffff");
  const { message, end } = decodeIpp(input);
  assert.equal(end, input.length - 2);
  assert.equal(message.groups[0]?.attributes.size, 0);
  assert.deepEqual(message.groups[1]?.attributes.get("aaa"), [
    { tag: TAG.enum, data: 9 },
    { tag: TAG.keyword, data: "x" },
  ]);
});

Deno.test("decodeIpp() reads a collection inside a collection", () => {
  // deno-fmt-ignore
  const { message } = decodeIpp(bytes(HEAD, "04",
    "34 0003", "'col'", "0000",
      "4a 0000 0004", "'size'", "34 0000 0000",
        "4a 0000 0001", "'x'", "21 0000 0004 00000005",
      "37 0000 0000",
    "37 0000 0000",
    "21 0001", "'n'", "0004 00000007", "03"));
  assert.deepEqual([...message.groups[0]!.attributes], [
    ["col", [{
      tag: TAG.collection,
      data: new Map([["size", [{
        tag: TAG.collection,
        data: new Map([["x", [{ tag: TAG.integer, data: 5 }]]]),
      }]]]),
    }]],
    ["n", [{ tag: TAG.integer, data: 7 }]],
  ]);
});

Deno.test("decodeIpp() reads text with a language as text", () => {
  const input = bytes(HEAD, "01 35 0001", "'t'", "0008 0002", "'en'", "0002", "'hi'", "03");
  const value = decodeIpp(input).message.groups[0]?.attributes.get("t");
  assert.deepEqual(value, [{ tag: TAG.text, data: "hi" }]);
});

/** As `fc.record`, with the prototype that object literals have. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}

const stringTag = fc.constantFrom(TAG.text, TAG.name, TAG.keyword, TAG.uri, TAG.charset, TAG.mime);
const anyInt = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const simple: fc.Arbitrary<IppValue> = fc.oneof(
  record({ tag: stringTag, data: fc.string({ unit: "binary", maxLength: 15 }) }),
  record({ tag: fc.constantFrom(TAG.integer, TAG.enum), data: anyInt }),
  record({ tag: fc.constant(TAG.boolean), data: fc.boolean() }),
  record({ tag: fc.constant(TAG.range), data: fc.tuple(anyInt, anyInt) }),
  record({ tag: fc.constantFrom(0x10, 0x12, 0x13), data: fc.constant(null) }),
  record({ tag: fc.constant(0x30), data: fc.uint8Array({ maxLength: 300 }) }),
  record({ tag: fc.constant(TAG.date), data: fc.uint8Array({ minLength: 11, maxLength: 11 }) }),
);
const attributesOf = (value: fc.Arbitrary<IppValue>): fc.Arbitrary<IppAttributes> =>
  fc.array(
    fc.tuple(
      fc.string({ minLength: 1, maxLength: 40 }),
      fc.array(value, { minLength: 1, maxLength: 3 }),
    ),
    { maxLength: 6 },
  ).map((entries) => new Map(entries));
const { value } = fc.letrec<{ value: IppValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 3 },
    simple,
    record({ tag: fc.constant(TAG.collection), data: attributesOf(tie("value")) }),
  ),
}));
const attributes = attributesOf(value);
const message: fc.Arbitrary<IppMessage> = record({
  version: fc.constantFrom(0x0101, 0x0200),
  code: fc.nat(0xffff),
  requestId: anyInt,
  groups: fc.array(
    record({ tag: fc.constantFrom(1, 2, 4, 5, 9), attributes }),
    { maxLength: 4 },
  ),
});

Deno.test("decodeIpp() gives back what encodeIpp() wrote, whatever document follows", () => {
  fc.assert(fc.property(message, fc.uint8Array(), (message, document) => {
    const written = encodeIpp(message);
    const { message: read, end } = decodeIpp(Uint8Array.from([...written, ...document]));
    assert.deepEqual(read, message);
    assert.equal(end, written.length);
  }));
});

Deno.test("decodeIpp() refuses every message that is cut short", () => {
  fc.assert(fc.property(message, fc.nat(), (message, at) => {
    const written = encodeIpp(message);
    assert.throws(() => decodeIpp(written.subarray(0, at % written.length)), IppSyntaxError);
  }));
});

Deno.test("decodeIpp() reads or refuses any bytes, and does nothing else", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
    try {
      decodeIpp(Uint8Array.from([...bytes(HEAD), 1, ...noise]));
    } catch (error) {
      if (!(error instanceof IppSyntaxError)) throw error;
    }
  }));
});

/** An attribute of collections inside one another. */
function nested(depth: number): string[] {
  const inner = "4a 0000 0001 62 34 0000 0000".repeat(depth - 1);
  return ["04 34 0001 61 0000", inner, "37 0000 0000".repeat(depth), "03"];
}

/** Each mistake beside the nearest message without it. */
const PAIRS: [name: string, good: string[], bad: string[]][] = [
  ["nothing after the header", ["03"], []],
  ["a reserved delimiter", ["01 03"], ["00 03"]],
  ["a value before any group", ["01 21 0001 61 0004 00000000 03"], ["21 0001 61 0004 00000000 03"]],
  ["a further value of no attribute", ["01 13 0001 61 0000 03"], ["01 13 0000 0000 03"]],
  [
    "a further value across groups",
    ["01 13 0001 61 0000 13 0000 0000 03"],
    ["01 13 0001 61 0000 02 13 0000 0000 03"],
  ],
  [
    "the same attribute twice",
    ["01 13 0001 61 0000 13 0001 62 0000 03"],
    ["01 13 0001 61 0000 13 0001 61 0000 03"],
  ],
  [
    "an integer of 3 octets",
    ["01 21 0001 61 0004 00000000 03"],
    ["01 21 0001 61 0003 000000 03"],
  ],
  ["a boolean of 2", ["01 22 0001 61 0001 01 03"], ["01 22 0001 61 0001 02 03"]],
  ["a boolean of no octets", ["01 22 0001 61 0001 00 03"], ["01 22 0001 61 0000 03"]],
  [
    "a range of 7 octets",
    ["01 33 0001 61 0008 0000000100000002 03"],
    ["01 33 0001 61 0007 00000001000000 03"],
  ],
  ["no-value with a value", ["01 13 0001 61 0000 03"], ["01 13 0001 61 0001 00 03"]],
  ["text that is not UTF-8", ["01 41 0001 61 0002 c3a9 03"], ["01 41 0001 61 0002 c328 03"]],
  [
    "a keyword of 256 octets",
    ["01 44 0001 61 00ff", "61".repeat(255), "03"],
    ["01 44 0001 61 0100", "61".repeat(256), "03"],
  ],
  [
    "an attribute's name of 256 octets",
    ["01 13 00ff", "61".repeat(255), "0000 03"],
    ["01 13 0100", "61".repeat(256), "0000 03"],
  ],
  [
    "a language that is longer than it says",
    ["01 35 0001 61 0007 0002 656e 0001 61 03"],
    ["01 35 0001 61 0006 0002 656e 0001 61 03"],
  ],
  [
    "a collection without end",
    ["04 34 0001 61 0000 37 0000 0000 03"],
    ["04 34 0001 61 0000 03"],
  ],
  [
    "the end of no collection",
    ["04 34 0001 61 0000 37 0000 0000 03"],
    ["04 13 0001 61 0000 37 0000 0000 03"],
  ],
  [
    "a name inside a collection",
    ["04 34 0001 61 0000 4a 0000 0001 62 13 0000 0000 37 0000 0000 03"],
    ["04 34 0001 61 0000 4a 0000 0001 62 13 0001 62 0000 37 0000 0000 03"],
  ],
  [
    "a value of no member",
    ["04 34 0001 61 0000 4a 0000 0001 62 13 0000 0000 37 0000 0000 03"],
    ["04 34 0001 61 0000 13 0000 0000 37 0000 0000 03"],
  ],
  [
    "a member without a name",
    ["04 34 0001 61 0000 4a 0000 0001 62 13 0000 0000 37 0000 0000 03"],
    ["04 34 0001 61 0000 4a 0000 0000 13 0000 0000 37 0000 0000 03"],
  ],
  ["collections nested too deep", nested(BOUNDS.depth), nested(BOUNDS.depth + 1)],
  [
    "more groups than fit",
    ["01".repeat(BOUNDS.groups), "03"],
    ["01".repeat(BOUNDS.groups + 1), "03"],
  ],
  [
    "more values than fit",
    ["01 13 0001 61 0000", "13 0000 0000".repeat(BOUNDS.values - 1), "03"],
    ["01 13 0001 61 0000", "13 0000 0000".repeat(BOUNDS.values), "03"],
  ],
];

Deno.test("decodeIpp() refuses", async (t) => {
  for (const [name, good, bad] of PAIRS) {
    await t.step(name, () => {
      assert.doesNotThrow(() => decodeIpp(bytes(HEAD, ...good)));
      assert.throws(() => decodeIpp(bytes(HEAD, ...bad)), IppSyntaxError);
    });
  }
});

Deno.test("encodeIpp() refuses a value that does not fit its tag", () => {
  const encode = (value: IppValue) =>
    encodeIpp({
      version: 0x0101,
      code: 0,
      requestId: 1,
      groups: [{ tag: 1, attributes: new Map([["a", [value]]]) }],
    });
  assert.doesNotThrow(() => encode({ tag: TAG.name, data: "a".repeat(255) }));
  assert.throws(() => encode({ tag: TAG.name, data: "a".repeat(256) }), RangeError);
  assert.doesNotThrow(() => encode({ tag: TAG.integer, data: 2 ** 31 - 1 }));
  assert.throws(() => encode({ tag: TAG.integer, data: 2 ** 31 }), RangeError);
});
