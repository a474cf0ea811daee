import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  deskMessage,
  guestMessage,
  hello,
  readMessage,
} from "../../scripts/co-browse/wire/guest_message.ts";
import { hostMessage } from "../../scripts/co-browse/wire/host_message.ts";
import { WIRE_LIMITS } from "../../scripts/co-browse/wire/limits.ts";
import { Parts, toParts } from "../../scripts/co-browse/wire/parts.ts";

const point = { path: "body", x: 0.5, y: 1 };
const line = { n: 1, element: { path: "body" }, points: [[0, 0.5], [-100, 100]] };
const draw = (part: unknown) => ({ t: "draw", stroke: { ...line, ...(part as object) } });
const input = (input: unknown) => ({ t: "input", input });

const TAKEN: unknown[] = [
  { t: "ask" },
  { t: "yield", to: "p3" },
  { t: "say", text: "x".repeat(WIRE_LIMITS.CHAT_CHARS) },
  { t: "point", at: null },
  { t: "mark", element: { node: 7, document: "d1" } },
  { t: "mark", element: { path: "#a > div:nth-of-type(3) > x-y >>> svg\\:g:nth-of-type(1)" } },
  { t: "mark", element: { path: "bücher" } },
  { t: "draw", stroke: line },
  { t: "draw", stroke: null },
  draw({ points: Array(WIRE_LIMITS.STROKE_POINTS).fill([0, 0]) }),
  input({ type: "navigation", url: "https://shop.example/" }),
  input({ type: "click", point, button: "left", count: 2, modifiers: ["shift"] }),
  input({ type: "input", element: { path: "#a" }, value: "", selection: [0, 0] }),
  { ...input({ type: "input", element: { path: "#a" }, value: "x" }), stamp: { n: 1, by: "p1" } },
];

const REFUSED: [string, unknown][] = [
  ["no kind", {}],
  ["an unknown kind", { t: "evaluate", code: "1" }],
  ["what only the host says", { t: "people", people: [] }],
  ["what only the sharing person says", { t: "admit", person: "p1" }],
  ["one field too many", { t: "ask", now: true }],
  ["a field of the prototype", JSON.parse('{"t":"ask","__proto__":1}')],
  ["chat that is too long", { t: "say", text: "x".repeat(WIRE_LIMITS.CHAT_CHARS + 1) }],
  ["empty chat", { t: "say", text: "" }],
  ["a place outside of its element", { t: "point", at: { ...point, x: 1.01 } }],
  ["an element by nothing", { t: "mark", element: {} }],
  ["a node of no document", { t: "mark", element: { node: 1 } }],
  ["a path that is too long", { t: "mark", element: { path: "a".repeat(2_001) } }],
  [
    "a line of too many points",
    draw({
      points: Array(WIRE_LIMITS.STROKE_POINTS + 1).fill([0, 0]),
    }),
  ],
  ["a line that leads too far away", draw({ points: [[0, 100.1]] })],
  ["a point of a line in space", draw({ points: [[0, 0, 0]] })],
  ["a point of a line in words", draw({ points: [["0", 0]] })],
  ["a line on nothing", draw({ element: null })],
  ["a line without a number", draw({ n: -1 })],
  ["a line with a look of its own", draw({ color: "#ffffff" })],
  ...[
    `body:has(#pw[value^="H"])`,
    "#box:checked",
    "[name=csrf]",
    "*",
    ".payroll",
    "#a #b",
    "#a, #b",
    "#a > #b",
    "div:not(#a)",
    "div:nth-of-type(2n)",
    "div:nth-of-type(1):checked",
    "#a >>> :checked",
    "#a >>> ",
    "a > ",
  ].map((path): [string, unknown] => [`a question: ${path}`, { t: "mark", element: { path } }]),
  ["a file", input({ type: "navigation", url: "file:///etc/passwd" })],
  ["a script as an address", input({ type: "navigation", url: "javascript:alert(1)" })],
  ["an address in two lines", input({ type: "navigation", url: "https://a.example/\nb" })],
  ["an unknown button", input({ type: "click", point, button: "fourth" })],
  ["a click on nothing", input({ type: "click" })],
  ["a number as text", input({ type: "scroll", element: null, x: "0", y: 0 })],
  ["no number", input({ type: "scroll", element: null, x: NaN, y: 0 })],
  [
    "a value that is too long",
    input({
      type: "input",
      element: { path: "#a" },
      value: "x".repeat(WIRE_LIMITS.VALUE_CHARS + 1),
    }),
  ],
];

Deno.test("readMessage() takes what guests may say", () => {
  for (const message of TAKEN) {
    assert.deepEqual(readMessage(JSON.stringify(message), guestMessage), message);
  }
});

Deno.test("readMessage() refuses every other message", async (t) => {
  for (const [name, message] of REFUSED) {
    await t.step(name, () => {
      assert.equal(readMessage(JSON.stringify(message), guestMessage), undefined);
    });
  }
  await t.step("no JSON", () => assert.equal(readMessage("{", guestMessage), undefined));
  await t.step(
    "bytes",
    () => assert.equal(readMessage(new ArrayBuffer(1), guestMessage), undefined),
  );
  await t.step("a text that is too long", () => {
    const spaces = " ".repeat(WIRE_LIMITS.GUEST_CHARS);
    assert.equal(readMessage(`{"t":"ask"}${spaces}`, guestMessage), undefined);
    assert.ok(readMessage(`{"t":"ask"}${spaces.slice(11)}`, guestMessage));
  });
});

Deno.test("shapes let no JSON pass that has one more field, at whatever depth", () => {
  const shapes = { guestMessage, hostMessage, deskMessage, hello };
  fc.assert(fc.property(fc.constantFrom(...TAKEN), fc.string(), (message, key) => {
    const open = structuredClone(message) as Record<string, unknown>;
    for (const holder of [open, ...Object.values(open)]) {
      if (typeof holder !== "object" || holder === null || key in holder) continue;
      (holder as Record<string, unknown>)[key] = 1;
      assert.ok(!guestMessage(open));
      delete (holder as Record<string, unknown>)[key];
    }
  }));
  fc.assert(fc.property(fc.json(), (text) => {
    const value = JSON.parse(text);
    for (const shape of Object.values(shapes)) assert.equal(shape(value), false);
  }));
});

Deno.test("toParts() and Parts give back every text, in parts no longer than asked", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary", maxLength: 30 }), { maxLength: 4 }),
      fc.integer({ min: 1, max: 9 }),
      (pieces, size) => {
        const parts = new Parts();
        const text = pieces.join("");
        const utf8 = [...toParts(pieces, size)].map((part) => {
          assert.ok(part.length <= size + 2);
          return new TextDecoder().decode(new TextEncoder().encode(part));
        });
        const whole = utf8.map((part) => parts.add(part));
        assert.equal(whole.pop(), text);
        assert.ok(whole.every((one) => one === undefined));
      },
    ),
  );
});

Deno.test("Parts refuse what is no part, and more than they were made for", () => {
  assert.throws(() => new Parts().add("{}"), RangeError);
  assert.throws(() => new Parts().add(""), RangeError);
  const parts = new Parts(4);
  assert.equal(parts.add("+ab"), undefined);
  assert.equal(parts.add(".cd"), "abcd");
  parts.add("+abc");
  assert.throws(() => parts.add(".de"), RangeError);
});
