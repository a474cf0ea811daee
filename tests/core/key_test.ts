import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { generateKeyPairSync } from "node:crypto";
import { encodeBase64 } from "../../runtime/core/base64.ts";
import type { PublicKey } from "../../runtime/core/documents/common.ts";
import {
  generateSigner,
  keyId,
  parsePublicKey,
  signerFromPkcs8,
  verifySignature,
} from "../../runtime/core/key.ts";
import { isCanonicalPoint, isSmallOrder } from "../../runtime/core/small_order.ts";
import { assertRefused } from "./assert_refused.ts";
import { utf8 } from "./fixtures.ts";

const P = 2n ** 255n - 19n;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base % P, e = exponent; e > 0n; e >>= 1n, b = b * b % P) {
    if (e & 1n) result = result * b % P;
  }
  return result;
}

/**
 * From the curve's equation rather than from a table: twice a point of order 8 has y = 0, which is
 * x² = -y², and with -x² + y² = 1 + d·x²·y² that is d·y⁴ + 2·y² - 1 = 0.
 */
function yOfOrderEight(): bigint {
  const d = (P - 121665n) * power(121666n, P - 2n) % P;
  const roots = [squareRoot(1n + d), P - squareRoot(1n + d)];
  const squares = roots.map((root) => (root + P - 1n) * power(d, P - 2n) % P);
  const y = squares.map(squareRoot).find((root, i) => root * root % P === squares[i]);
  assert.ok(y !== undefined && (d * y ** 4n + 2n * y ** 2n - 1n) % P === 0n);
  return y;
}

/** For p = 5 modulo 8; of a number that has no root, something that is none. */
function squareRoot(square: bigint): bigint {
  const root = power(square, (P + 3n) / 8n);
  return root * root % P === square % P ? root : root * power(2n, (P - 1n) / 4n) % P;
}

function textOf(raw: Uint8Array): string {
  return `ed25519:${encodeBase64(raw, "base64url")}`;
}

/** 32 bytes little-endian, the sign of x in the top bit. */
function pointOf(y: bigint, sign: 0 | 1): Uint8Array {
  const hex = (y + (BigInt(sign) << 255n)).toString(16).padStart(64, "0");
  return new Uint8Array(Buffer.from(hex, "hex").reverse());
}

Deno.test("sign() and verifySignature() agree with RFC 8032, Test Vectors for Ed25519", async (t) => {
  const vectors = [
    {
      name: "TEST 1",
      secret: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      message: "",
      signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    },
    {
      name: "TEST 2",
      secret: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      message: "72",
      signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    },
    {
      name: "TEST 3",
      secret: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      message: "af82",
      signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" +
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    },
    {
      name: "TEST SHA(abc)",
      secret: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
      publicKey: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
      message: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
      signature: "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589" +
        "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    },
  ];
  for (const vector of vectors) {
    await t.step(vector.name, () => {
      // RFC 8410: a PKCS#8 Ed25519 key is this head and the 32 bytes of the secret.
      const head = "302e020100300506032b657004220420";
      const signer = signerFromPkcs8(Buffer.from(head + vector.secret, "hex"));
      const message = Buffer.from(vector.message, "hex");
      const signature = Buffer.from(vector.signature, "hex");
      assert.equal(signer.publicKey, textOf(Buffer.from(vector.publicKey, "hex")));
      assert.deepEqual(signer.sign(message), new Uint8Array(signature));
      assert.equal(verifySignature(signer.publicKey, message, signature), true);
    });
  }
});

Deno.test("keyId() gives the thumbprint of RFC 8037, JWK Thumbprint Canonicalization", () => {
  assert.equal(
    keyId("ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
    "writ-key:kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
  );
});

Deno.test("parsePublicKey() refuses all encodings of the eight points of small order", async (t) => {
  const order8 = yOfOrderEight();
  const cases: [string, bigint, (0 | 1)[]][] = [
    ["the neutral element, y = 1", 1n, [0, 1]],
    ["order 2, y = -1", P - 1n, [0, 1]],
    ["order 4, y = 0", 0n, [0, 1]],
    ["order 8", order8, [0, 1]],
    ["order 8, y negated", P - order8, [0, 1]],
    ["y = 0 written as p", P, [0, 1]],
    ["y = 1 written as p + 1", P + 1n, [0, 1]],
  ];
  for (const [name, y, signs] of cases) {
    for (const sign of signs) {
      await t.step(`${name}, sign ${sign}`, () => {
        const raw = pointOf(y, sign);
        assert.equal(isSmallOrder(raw), true);
        assertRefused("low_order_key", () => parsePublicKey(textOf(raw)));
        assertRefused("low_order_key", () => keyId(textOf(raw) as "ed25519:"));
      });
    }
  }
});

Deno.test("isSmallOrder() lets the neighbours of those points pass", () => {
  const order8 = yOfOrderEight();
  for (const y of [2n, 3n, 9n, P - 2n, order8 - 1n, order8 + 1n, P - order8 + 1n]) {
    assert.equal(isSmallOrder(pointOf(y, 0)), false);
  }
});

Deno.test("isCanonicalPoint() accepts y = p - 1 and refuses y = p and all above", () => {
  assert.equal(isCanonicalPoint(pointOf(P - 1n, 0)), true);
  assert.equal(isCanonicalPoint(pointOf(P - 1n, 1)), true);
  assert.equal(isCanonicalPoint(pointOf(P - 256n, 0)), true);
  for (let above = 0n; above < 19n; above++) {
    assert.equal(isCanonicalPoint(pointOf(P + above, 0)), false);
    assert.equal(isCanonicalPoint(pointOf(P + above, 1)), false);
  }
});

Deno.test("parsePublicKey() refuses a second encoding of a point", () => {
  assertRefused("bad_schema", () => parsePublicKey(textOf(pointOf(P + 3n, 0))));
});

Deno.test("parsePublicKey() refuses a height at which the curve has no point", () => {
  const at = (y: bigint) => textOf(pointOf(y, 0));
  parsePublicKey(at(3n));
  assertRefused("bad_schema", () => parsePublicKey(at(2n)));
  assert.equal(verifySignature(at(2n) as PublicKey, utf8("x"), new Uint8Array(64)), false);
});

Deno.test("parsePublicKey() accepts the one spelling of a key and refuses those next to it", async (t) => {
  const key = generateSigner().publicKey;
  assert.equal(parsePublicKey(key), key);
  const last = "AEIMQUYcgkosw048";
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const next = alphabet[alphabet.indexOf(key.at(-1)!) + 1]!;
  assert.ok(last.includes(key.at(-1)!));
  const cases: [string, string][] = [
    ["the empty string", ""],
    ["only the prefix", "ed25519:"],
    ["another prefix", key.replace("ed25519:", "writ-key:")],
    ["no prefix", key.slice(8)],
    ["one character less", key.slice(0, -1)],
    ["one character more", `${key}A`],
    ["padding", `${key}=`],
    ["excess bits set, the same 32 bytes", key.slice(0, -1) + next],
    ["a line break", `${key}\n`],
    ["upper case prefix", key.replace("ed", "ED")],
  ];
  for (const [name, text] of cases) {
    await t.step(name, () => {
      assertRefused("bad_schema", () => parsePublicKey(text));
      assert.equal(verifySignature(text as "ed25519:", utf8(""), new Uint8Array(64)), false);
    });
  }
});

Deno.test("verifySignature() accepts the signature and refuses what is next to it", async (t) => {
  const signer = generateSigner();
  const message = utf8("print 2 copies");
  const signature = signer.sign(message);
  assert.equal(verifySignature(signer.publicKey, message, signature), true);
  await t.step("another message", () => {
    assert.equal(verifySignature(signer.publicKey, utf8("print 3 copies"), signature), false);
  });
  await t.step("another key", () => {
    assert.equal(verifySignature(generateSigner().publicKey, message, signature), false);
  });
  for (const length of [0, 32, 63, 65, 128]) {
    await t.step(`${length} bytes`, () => {
      const other = new Uint8Array(length);
      other.set(signature.subarray(0, length));
      assert.equal(verifySignature(signer.publicKey, message, other), false);
    });
  }
  await t.step("S + L, the malleable twin", () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${Buffer.from(signature.slice(32)).reverse().toString("hex")}`) + order;
    const twin = Uint8Array.from(signature);
    twin.set(Buffer.from(s.toString(16).padStart(64, "0"), "hex").reverse(), 32);
    assert.equal(verifySignature(signer.publicKey, message, twin), false);
  });
});

Deno.test("signerFromPkcs8() refuses a key that is not Ed25519", () => {
  const { privateKey } = generateKeyPairSync("x25519");
  const der = privateKey.export({ format: "der", type: "pkcs8" });
  assert.throws(() => signerFromPkcs8(der), TypeError);
});

Deno.test("a signer does not show its private key", () => {
  const signer = generateSigner();
  const shown = Deno.inspect(signer, { showHidden: true, depth: 10 }) + JSON.stringify(signer);
  const secret = signer.pkcs8().slice(16);
  assert.ok(
    !shown.includes(encodeBase64(secret)) && !shown.includes(encodeBase64(secret, "base64url")),
  );
  assert.ok(!shown.includes(Buffer.from(secret).toString("hex")));
});
