import assert from "node:assert/strict";
import {
  contentDigest,
  parseContentDigest,
  requireDigest,
} from "../../runtime/peer/content_digest.ts";
import { PEER_LIMITS } from "../../runtime/peer/limits.ts";
import { bodyDigest } from "./call.ts";

/** RFC 9530, "Content-Digest" examples: the digest of `{"hello": "world"}` and a line feed. */
const FIELD = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
const TEXT = '{"hello": "world"}\n';

Deno.test("contentDigest() writes what RFC 9530 shows, and parseContentDigest() reads it", () => {
  assert.equal(contentDigest(bodyDigest(TEXT)), FIELD);
  assert.equal(parseContentDigest(FIELD), bodyDigest(TEXT));
});

Deno.test("parseContentDigest() refuses all but one canonical SHA-256", async (t) => {
  const wrong = [
    "",
    "sha-256",
    "sha-256=::",
    `${FIELD}, ${FIELD}`,
    `${FIELD}, sha-512=:AAAA:`,
    FIELD.replace("sha-256", "sha-512"),
    FIELD.replace("g=:", "h=:"),
    FIELD.replace("=:R", "=:"),
    FIELD.padEnd(PEER_LIMITS.CONTENT_DIGEST_CHARS + 1),
  ];
  for (const field of wrong) {
    await t.step(field.slice(0, 80) || "empty", () => {
      assert.throws(() => parseContentDigest(field), { name: "PeerError", code: "bad_field" });
    });
  }
});

Deno.test("requireDigest() passes a body on and breaks off one that is another", async () => {
  const body = () => new Blob(["hello"]).stream();
  assert.equal(await new Response(requireDigest(body(), bodyDigest("hello"))).text(), "hello");
  const other = new Response(requireDigest(body(), bodyDigest("hullo")));
  await assert.rejects(other.text(), { code: "digest_mismatch" });
});
