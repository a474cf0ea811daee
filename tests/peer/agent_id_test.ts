import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeBase64 } from "../../runtime/core/base64.ts";
import type { KeyId } from "../../runtime/core/documents/common.ts";
import { formatAgentId, parseAgentId } from "../../runtime/peer/agent_id.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ids = fc.uint8Array({ minLength: 32, maxLength: 32 })
  .map((raw): KeyId => `writ-key:${encodeBase64(raw, "base64url")}`);

Deno.test("parseAgentId() reads what formatAgentId() shows, however people write it", () => {
  fc.assert(fc.property(ids, (id) => {
    const shown = formatAgentId(id);
    assert.match(shown, /^([A-Z2-7]{7}-){7}[A-Z2-7]{7}$/);
    const written = shown.toLowerCase().replaceAll("-", " ").replaceAll("o", "0");
    for (const text of [shown, shown.replaceAll("-", ""), written, id]) {
      assert.equal(parseAgentId(text), id);
    }
  }));
});

Deno.test("parseAgentId() notices any one wrong character", () => {
  const places = fc.record({ id: ids, at: fc.nat(55), by: fc.integer({ min: 1, max: 31 }) });
  fc.assert(fc.property(places, ({ id, at, by }) => {
    const digits = [...formatAgentId(id).replaceAll("-", "")];
    digits[at] = ALPHABET[(ALPHABET.indexOf(digits[at]!) + by) % 32]!;
    assert.throws(() => parseAgentId(digits.join("")), { name: "PeerError", code: "bad_id" });
  }));
});

Deno.test("parseAgentId() notices neighbours that changed places", () => {
  // Luhn's algorithm cannot tell the first digit from the last one.
  const alike = (a: string, b: string) => a === b || (a + b === "A7") || (a + b === "7A");
  fc.assert(fc.property(ids, fc.nat(54), (id, at) => {
    const digits = [...formatAgentId(id).replaceAll("-", "")];
    const [a, b] = [digits[at]!, digits[at + 1]!];
    // Over the edge of two checked parts both show it, unless both digits are the same.
    fc.pre(!alike(a, b));
    [digits[at], digits[at + 1]] = [b, a];
    assert.throws(() => parseAgentId(digits.join("")), { code: "bad_id" });
  }));
});

Deno.test("parseAgentId() and formatAgentId() refuse what is no id", () => {
  const shown = formatAgentId(`writ-key:${"A".repeat(43)}`);
  const wrong = ["", "-", shown.slice(1), shown + "A", "9" + shown.slice(1), " ".repeat(300)];
  const keys = ["writ-key:", `writ-key:${"A".repeat(42)}`, `writ-key:${"A".repeat(42)}B`];
  for (const text of [...wrong, ...keys]) {
    assert.throws(() => parseAgentId(text), { code: "bad_id" }, text);
  }
  for (const text of ["", ...keys]) {
    assert.throws(() => formatAgentId(text as KeyId), { code: "bad_id" }, text);
  }
});
