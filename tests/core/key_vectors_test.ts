import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { encodeBase64 } from "../../runtime/core/base64.ts";
import type { PublicKey } from "../../runtime/core/documents/common.ts";
import { verifySignature } from "../../runtime/core/key.ts";
import { utf8 } from "./fixtures.ts";
import { testVectors } from "./vectors.ts";

function keyOf(hex: string): PublicKey {
  return `ed25519:${encodeBase64(Buffer.from(hex, "hex"), "base64url")}`;
}

interface Wycheproof {
  numberOfTests: number;
  testGroups: {
    publicKey: { pk: string };
    tests: { tcId: number; comment: string; msg: string; sig: string; result: string }[];
  }[];
}

testVectors(
  "verifySignature() decides every Wycheproof case as expected",
  "wycheproof/ed25519_test.json",
  (text) => {
    const { numberOfTests, testGroups } = JSON.parse(text) as Wycheproof;
    let count = 0;
    for (const { publicKey, tests } of testGroups) {
      for (const { tcId, comment, msg, sig, result } of tests) {
        const verdict = verifySignature(
          keyOf(publicKey.pk),
          Buffer.from(msg, "hex"),
          Buffer.from(sig, "hex"),
        );
        assert.equal(verdict, result === "valid", `case ${tcId}: ${comment}`);
        count++;
      }
    }
    assert.equal(count, numberOfTests);
  },
);

interface Cctv {
  number: number;
  key: string;
  sig: string;
  msg: string;
  flags: string[] | null;
}

testVectors(
  "verifySignature() refuses every CCTV edge case but a component of low order",
  "cctv/ed25519vectors.json",
  (text) => {
    // What is left to accept: signatures that hold without the cofactor, over a canonical R and a
    // canonical key of large order.
    const refused = new Set([
      "low_order_A",
      "low_order_residue",
      "non_canonical_A",
      "non_canonical_R",
      "reencoded_k",
    ]);
    const vectors = JSON.parse(text) as Cctv[];
    assert.equal(vectors.length, 914);
    let accepted = 0;
    for (const { number, key, sig, msg, flags } of vectors) {
      const verdict = verifySignature(keyOf(key), utf8(msg), Buffer.from(sig, "hex"));
      const expected = !(flags ?? []).some((flag) => refused.has(flag));
      assert.equal(verdict, expected, `vector ${number}: ${flags?.join(", ")}`);
      if (verdict) accepted++;
    }
    assert.ok(accepted > 0, "no vector was accepted, so the test proves nothing");
  },
);

interface Rfc9421 {
  key: { x: string };
  signature_base: string;
  signature: string;
}

testVectors(
  "verifySignature() accepts the signature of RFC 9421, Signing a Request using ed25519",
  "rfc9421/b26-ed25519.json",
  (text) => {
    const { key, signature_base, signature } = JSON.parse(text) as Rfc9421;
    const sig = Buffer.from(/:(.*):$/.exec(signature)![1]!, "base64");
    const publicKey: PublicKey = `ed25519:${key.x}`;
    assert.equal(verifySignature(publicKey, utf8(signature_base), sig), true);
    assert.equal(verifySignature(publicKey, utf8(`${signature_base} `), sig), false);
  },
);
