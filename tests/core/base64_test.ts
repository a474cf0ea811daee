import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeBase64, encodeBase64 } from "../../runtime/core/base64.ts";

Deno.test("decodeBase64() reads what encodeBase64() wrote", () => {
  fc.assert(fc.property(
    fc.uint8Array({ maxLength: 100 }),
    fc.constantFrom("base64" as const, "base64url" as const),
    (bytes, alphabet) => {
      assert.deepEqual(decodeBase64(encodeBase64(bytes, alphabet), alphabet), bytes);
    },
  ));
});

Deno.test("decodeBase64() reads the vectors of RFC 4648, section Test Vectors", () => {
  const vectors = [["", ""], ["f", "Zg=="], ["fo", "Zm8="], ["foo", "Zm9v"], ["foob", "Zm9vYg=="]];
  for (const [text, encoded] of vectors) {
    assert.equal(new TextDecoder().decode(decodeBase64(encoded!)), text);
  }
});

Deno.test("decodeBase64() refuses every second spelling", async (t) => {
  const cases: [string, string, "base64" | "base64url"][] = [
    ["missing padding", "Zg", "base64"],
    ["half the padding", "Zg=", "base64"],
    ["padding too much", "Zm9v====", "base64"],
    ["padding within", "Zg==Zg==", "base64"],
    ["padding bits set", "Zh==", "base64"],
    ["white space", "Zm9 v", "base64"],
    ["a line break at the end", "Zm9v\n", "base64"],
    ["the URL alphabet", "-_-_", "base64"],
    ["the standard alphabet", "+/+/", "base64url"],
    ["padding in base64url", "Zg==", "base64url"],
    ["a lone character", "Z", "base64"],
    ["a character of no alphabet", "Zm9*", "base64"],
  ];
  for (const [name, text, alphabet] of cases) {
    await t.step(name, () => assert.equal(decodeBase64(text, alphabet), undefined));
  }
});

Deno.test("decodeBase64() returns a buffer of its own", () => {
  const bytes = decodeBase64("Zm9v")!;
  assert.equal(bytes.buffer.byteLength, 3);
});
