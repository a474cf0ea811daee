import assert from "node:assert/strict";
import { Digester, digestOf, hexOf } from "../../runtime/core/digest.ts";
import { utf8 } from "./fixtures.ts";

// FIPS 180-4 example and the digest of nothing.
const ABC = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const EMPTY = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

Deno.test("digestOf() gives the SHA-256 of bytes", () => {
  assert.equal(digestOf(utf8("abc")), ABC);
  assert.equal(digestOf(new Uint8Array()), EMPTY);
});

Deno.test("digestOf() looks only at the view, not at the buffer behind it", () => {
  assert.equal(digestOf(utf8("xabcx").subarray(1, 4)), ABC);
});

Deno.test("Digester gives the digest and length of all chunks", () => {
  const digester = new Digester().update(utf8("a")).update(utf8("")).update(utf8("bc"));
  assert.equal(digester.length, 3);
  assert.equal(digester.digest(), ABC);
});

Deno.test("Digester refuses a chunk after the digest", () => {
  const digester = new Digester();
  digester.digest();
  assert.throws(() => digester.update(utf8("a")));
});

Deno.test("hexOf() gives the digits without the prefix", () => {
  assert.equal(hexOf(ABC), ABC.slice(7));
});
