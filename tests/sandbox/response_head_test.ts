import assert from "node:assert/strict";
import fc from "fast-check";
import { readHead } from "../../runtime/sandbox/response_head.ts";

const HEAD = { status: 200, headers: [["a", "b"]], body: "stream" };

Deno.test("readHead() takes what a Response can be, and counts its headers", () => {
  assert.deepEqual(readHead(HEAD, false), { ...HEAD, bytes: 2 });
  assert.equal(readHead({ status: 599, headers: [], body: "whole" }, false).status, 599);
  assert.equal(readHead({ status: 204, headers: [], body: "none" }, false).status, 204);
  assert.equal(readHead({ status: 101, headers: [], body: "none" }, true).status, 101);
});

Deno.test("readHead() refuses what no Response is", async (t) => {
  const cases: Record<string, unknown> = {
    "no object": null,
    "a status below 200": { ...HEAD, status: 199 },
    "a status above 599": { ...HEAD, status: 600 },
    "a fraction": { ...HEAD, status: 200.5 },
    "an upgrade that was not asked for": { status: 101, headers: [], body: "none" },
    "a body of 204": { ...HEAD, status: 204 },
    "a body of another kind": { ...HEAD, body: true },
    "no headers": { ...HEAD, headers: undefined },
    "a header of three": { ...HEAD, headers: [["a", "b", "c"]] },
    "a header that is a number": { ...HEAD, headers: [["a", 1]] },
    "a line break in a value": { ...HEAD, headers: [["a", "b\r\nset-cookie: c"]] },
    "a blank in a name": { ...HEAD, headers: [["a b", "c"]] },
    "an empty name": { ...HEAD, headers: [["", "c"]] },
    "a value beyond Latin-1": { ...HEAD, headers: [["a", "€"]] },
  };
  for (const [what, head] of Object.entries(cases)) {
    await t.step(what, () => assert.throws(() => readHead(head, false), RangeError));
  }
});

Deno.test("readHead() refuses any other value as a RangeError, and never with another error", () => {
  fc.assert(fc.property(fc.anything(), fc.boolean(), (params, upgrade) => {
    try {
      readHead(params, upgrade);
    } catch (error) {
      assert.ok(error instanceof RangeError);
    }
  }));
});
