import assert from "node:assert/strict";
import fc from "fast-check";
import { InputSchema } from "../../runtime/core/input_schema/input_schema.ts";
import { processorMs } from "../processor_ms.ts";

const D = "https://json-schema.org/draft/2020-12/schema";

/** A schema, inputs that fit it, and inputs that do not with the path of the fault. */
type Case = [schema: unknown, fit: unknown[], faults: [input: unknown, path: string][]];

const CASES: Record<string, Case> = {
  "nothing": [{}, [null, 1, "a", [], {}], []],
  "true": [true, [null], []],
  "false": [false, [], [[null, ""]]],
  "a dialect": [{ $schema: D }, [1], []],
  "type": [{ type: "integer" }, [1, 1.0, -3], [[1.5, ""], ["1", ""], [null, ""]]],
  "types": [{ type: ["null", "array"] }, [null, []], [[{}, ""], [0, ""]]],
  "an object is no array": [{ type: "object" }, [{}], [[[], ""], [null, ""]]],
  "const": [{ const: { a: [1] } }, [{ a: [1] }], [[{ a: [2] }, ""], [null, ""]]],
  "const null": [{ const: null }, [null], [[0, ""]]],
  "enum": [{ enum: ["a4", { b: 1, a: 2 }] }, ["a4", { a: 2, b: 1 }], [["a5", ""]]],
  "bounds": [{ minimum: 1, maximum: 3 }, [1, 3, "0"], [[0.9, ""], [3.1, ""]]],
  "open bounds": [{ exclusiveMinimum: 1, exclusiveMaximum: 3 }, [2], [[1, ""], [3, ""]]],
  "multiples": [{ multipleOf: 0.01 }, [0.07, 1.1, 4], [[0.075, ""]]],
  "lengths": [{ minLength: 1, maxLength: 2 }, ["é", "🖨🖨", 7], [["", ""], ["abc", ""]]],
  "a pattern": [{ pattern: "^a+$" }, ["aa", 1], [["ab", ""]]],
  "a pattern of classes": [{ pattern: "^\\p{Lu}\\d{2,3}$" }, ["Ä12"], [["ä12", ""]]],
  "items": [{ items: { type: "number" } }, [[], [1]], [[[1, "2"], "/1"]]],
  "prefixItems": [
    { prefixItems: [{ type: "string" }], items: false },
    [[], ["a"]],
    [[[1], "/0"], [["a", 1], "/1"]],
  ],
  "counts": [{ minItems: 1, maxItems: 2 }, [[1], [1, 2]], [[[], ""], [[1, 2, 3], ""]]],
  "contains": [
    { contains: { const: 1 }, maxContains: 2 },
    [[1], [0, 1, 1]],
    [[[], ""], [[1, 1, 1], ""]],
  ],
  "contains none": [{ contains: { const: 1 }, minContains: 0 }, [[], [2]], []],
  "uniqueItems": [
    { uniqueItems: true },
    [[1, "1", [1], { a: 1 }]],
    [[[{ a: 1, b: 2 }, { b: 2, a: 1 }], ""]],
  ],
  "required": [{ required: ["a"] }, [{ a: null }, 1], [[{}, ""]]],
  "a key of every object is not there": [{ required: ["toString"] }, [], [[{}, ""]]],
  "properties": [
    { properties: { a: { type: "string" } }, additionalProperties: false },
    [{}, { a: "x" }],
    [[{ a: 1 }, "/a"], [{ b: 1 }, "/b"]],
  ],
  "keys like those of every object": [
    { properties: { constructor: false }, additionalProperties: { type: "number" } },
    [{}, { valueOf: 1 }],
    [[{ valueOf: "" }, "/valueOf"]],
  ],
  "patternProperties": [
    { patternProperties: { "^n": { type: "number" } }, additionalProperties: false },
    [{ n1: 1 }],
    [[{ n1: "1" }, "/n1"], [{ x: 1 }, "/x"]],
  ],
  "propertyNames": [{ propertyNames: { maxLength: 2 } }, [{ ab: 1 }], [[{ abc: 1 }, ""]]],
  "key counts": [{ minProperties: 1, maxProperties: 1 }, [{ a: 1 }], [[{}, ""], [
    { a: 1, b: 1 },
    "",
  ]]],
  "dependentRequired": [{ dependentRequired: { a: ["b"] } }, [{ b: 1 }, { a: 1, b: 1 }], [
    [{ a: 1 }, ""],
  ]],
  "dependentSchemas": [{ dependentSchemas: { a: { required: ["b"] } } }, [{}], [[{ a: 1 }, ""]]],
  "allOf": [{ allOf: [{ minimum: 1 }, { maximum: 2 }] }, [1], [[3, ""]]],
  "anyOf": [{ anyOf: [{ type: "null" }, { minimum: 1 }] }, [null, 1], [[0, ""]]],
  "oneOf": [{ oneOf: [{ minimum: 1 }, { maximum: 2 }] }, [0, 3], [[1.5, ""]]],
  "not": [{ not: { type: "null" } }, [1], [[null, ""]]],
  "if": [
    { if: { type: "string" }, then: { minLength: 1 }, else: { minimum: 1 } },
    ["a", 1],
    [["", ""], [0, ""]],
  ],
  "a reference beside keywords": [
    { $defs: { "a/b": { minimum: 1 } }, $ref: "#/$defs/a~1b", maximum: 2 },
    [1],
    [[0, ""], [3, ""]],
  ],
  "a tree": [
    { properties: { next: { $ref: "#" } }, additionalProperties: false },
    [{ next: { next: {} } }],
    [[{ next: { next: { x: 1 } } }, "/next/next/x"]],
  ],
  "format is a word to people": [{ format: "email" }, ["nobody"], []],
  "a path with signs": [
    { additionalProperties: { additionalProperties: false } },
    [],
    [[{ "a/b": { "c~": 1 } }, "/a~1b/c~0"]],
  ],
};

Deno.test("InputSchema.fault() finds what does not fit, and where", async (t) => {
  for (const [name, [schema, fit, faults]] of Object.entries(CASES)) {
    await t.step(name, async () => {
      const read = await InputSchema.read(schema);
      for (const input of fit) assert.equal(read.fault(input), undefined, JSON.stringify(input));
      for (const [input, path] of faults) {
        assert.equal(read.fault(input)?.path, path, JSON.stringify(input));
      }
    });
  }
});

Deno.test("InputSchema.require() refuses by the rule of its own", async () => {
  const schema = await InputSchema.read({ type: "object" });
  schema.require({});
  assert.throws(() => schema.require([]), { name: "VerificationError", code: "input" });
});

Deno.test("InputSchema.read() refuses what it would not check", async (t) => {
  const cases: Record<string, unknown> = {
    "a list": [],
    "a word": "object",
    "an unknown keyword": { requried: ["a"] },
    "a keyword of every object": { toString: {} },
    "an unknown keyword within": { properties: { a: { items: { minimun: 1 } } } },
    "an unknown keyword where only a reference leads": {
      default: { minimun: 1 },
      $ref: "#/default",
    },
    "another dialect": { $schema: "http://json-schema.org/draft-07/schema#" },
    "an id": { $id: "https://example.com/a" },
    "unevaluatedProperties": { unevaluatedProperties: false },
    "an unknown type": { type: "int" },
    "no type": { type: [] },
    "a bound that is text": { minimum: "1" },
    "a negative length": { minLength: -1 },
    "a multiple of nothing": { multipleOf: 0 },
    "no choices": { anyOf: [] },
    "no values": { enum: [] },
    "a key that is no name": { required: [1] },
    "a pattern that is none": { pattern: "(" },
    "a pattern that looks ahead": { pattern: "^(?=a)" },
    "a pattern that names what matched": { pattern: "(a)\\1" },
    "a key's pattern that looks back": { patternProperties: { "(?<=a)b": true } },
    "a reference to elsewhere": { $ref: "https://example.com/a" },
    "a reference to nothing": { $ref: "#/$defs/missing" },
    "a reference to what every object has": { $ref: "#/constructor" },
  };
  for (const [name, schema] of Object.entries(cases)) {
    await t.step(name, async () => {
      await assert.rejects(InputSchema.read(schema), {
        name: "VerificationError",
        code: "input_schema",
      });
    });
  }
});

Deno.test("InputSchema gives up on a schema that wants all the time there is", async (t) => {
  const doubling = (levels: number, end: unknown = {}) => ({
    $defs: Object.fromEntries(
      Array.from({ length: levels }, (_, i) => {
        const next = { $ref: i + 1 < levels ? `#/$defs/d${i + 1}` : "#/$defs/end" };
        return [`d${i}`, { allOf: [next, next] }] as [string, unknown];
      }).concat([["end", end]]),
    ),
    $ref: "#/$defs/d0",
  });
  const long = "a".repeat(500_000);
  const cases: Record<string, [schema: unknown, input: unknown]> = {
    "references that double": [doubling(40), 1],
    "a long key looked at again and again": [
      doubling(16, { properties: {} }),
      { ["~".repeat(60_000)]: 1 },
    ],
    "many keys listed again and again": [
      doubling(16, { properties: {} }),
      Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, i])),
    ],
    "schemas that are only words": [doubling(13, { allOf: Array(12_000).fill(true) }), 1],
    "a reference to itself": [{ $ref: "#" }, 1],
    "references in a circle": [
      { $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" },
      1,
    ],
    "many patterns for a long text": [
      { anyOf: Array.from({ length: 100 }, () => ({ pattern: "(a|b|c|d|e)*z" })) },
      long,
    ],
    "a list compared again and again": [
      { allOf: Array.from({ length: 500 }, () => ({ uniqueItems: true })) },
      Array.from({ length: 50_000 }, (_, i) => i),
    ],
    "a long text against many values": [
      { anyOf: Array.from({ length: 500 }, () => ({ enum: [1, 2] })) },
      long,
    ],
  };
  for (const [name, [schema, input]] of Object.entries(cases)) {
    await t.step(name, async () => {
      const read = await InputSchema.read(schema);
      const before = processorMs();
      assert.throws(() => read.fault(input), { name: "VerificationError", code: "input_schema" });
      assert.ok(processorMs() - before < 2_000);
    });
  }
});

Deno.test("InputSchema.fault() checks each of the longest list", async () => {
  const schema = await InputSchema.read({ items: { type: "integer", minimum: 0 } });
  assert.equal(schema.fault(Array(500_000).fill(1)), undefined);
});

Deno.test("InputSchema.read() bounds what patterns cost to compile", async (t) => {
  const choices = (count: number, pattern: (i: number) => string) => ({
    anyOf: Array.from({ length: count }, (_, i) => ({ pattern: pattern(i) })),
  });
  await InputSchema.read(choices(200, (i) => `a${i}`));
  await InputSchema.read(choices(8, (i) => `(a{100}){10}${i}`));
  await InputSchema.read({ pattern: "a".repeat(1_000) });
  const refused = {
    "too many": choices(201, (i) => `a${i}`),
    "too long": { pattern: "a".repeat(1_001) },
    "that repeat too much": choices(12, (i) => `(a{100}){10}${i}`),
  };
  for (const [name, schema] of Object.entries(refused)) {
    await t.step(name, async () => {
      const expected = { name: "VerificationError", code: "input_schema" };
      await assert.rejects(InputSchema.read(schema), expected);
    });
  }
});

Deno.test("InputSchema matches a pattern that ruins other engines", async () => {
  const schema = await InputSchema.read({ pattern: "^(a+)+$" });
  assert.equal(schema.fault("a".repeat(10_000)), undefined);
  assert.equal(schema.fault("a".repeat(10_000) + "b")?.path, "");
});

Deno.test("InputSchema throws nothing but its refusal, whatever schema and input are", async () => {
  const names = ["type", "items", "properties", "$ref", "enum", "allOf", "pattern", "required"];
  const schemas = fc.letrec((tie) => ({
    schema: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom(...names), tie("value")),
    ),
    value: fc.oneof(tie("schema"), fc.array(tie("schema")), fc.constantFrom("#", "string", "a*")),
  }));
  await fc.assert(fc.asyncProperty(schemas.schema, fc.jsonValue(), async (schema, input) => {
    try {
      (await InputSchema.read(schema)).fault(input);
    } catch (error) {
      assert.equal((error as { code?: string }).code, "input_schema", String(error));
    }
  }));
});
