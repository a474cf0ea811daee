import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { encodeBase64 } from "../../runtime/core/base64.ts";
import { canonicalBytes, parseCanonical } from "../../runtime/core/canonical_json.ts";
import type { PublicKey } from "../../runtime/core/documents/common.ts";
import {
  addSignature,
  type DocumentKind,
  ENVELOPE_BYTES,
  openEnvelope,
  preAuthEncoding,
  sealDocument,
  sealPayload,
  signedBy,
} from "../../runtime/core/dsse.ts";
import { generateSigner, keyId, signerFromPkcs8, verifySignature } from "../../runtime/core/key.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import { assertRefused } from "./assert_refused.ts";
import { publicKeysOf, utf8 } from "./fixtures.ts";
import { testVectors } from "./vectors.ts";

const KINDS: readonly DocumentKind[] = ["root", "acceptlist", "manifest", "order"];

interface Written {
  payload: string;
  payloadType: string;
  signatures: { keyid: string; sig: string }[];
}

interface DsseVectors {
  keys: Record<string, { seed: string; public: string }>;
  vectors: {
    id: string;
    envelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
    trustedKeys: string[];
    threshold: number;
    supportedPayloadTypes: string[];
    pae: string;
    expect: "accept" | "reject";
  }[];
}

testVectors(
  "preAuthEncoding() and signatures agree with DSSE's vectors",
  "dsse/vectors.json",
  async (text, t) => {
    const { keys, vectors } = JSON.parse(text) as DsseVectors;
    for (const { id, envelope, trustedKeys, threshold, pae, ...rest } of vectors) {
      await t.step(id, () => {
        const payload = Buffer.from(envelope.payload, "base64");
        const message = preAuthEncoding(envelope.payloadType, payload);
        // The vector gives the encoding that was signed, which for a swapped type is another one.
        const same = Buffer.from(message).toString("hex") === pae;
        assert.equal(same, id !== "payload-type-swapped");
        const signers = new Set(trustedKeys.filter((name) => {
          const raw = Buffer.from(keys[name]!.public, "hex");
          const key: PublicKey = `ed25519:${encodeBase64(raw, "base64url")}`;
          return envelope.signatures.some(({ sig }) =>
            verifySignature(key, message, Buffer.from(sig, "base64"))
          );
        }));
        const accepted = signers.size >= threshold &&
          rest.supportedPayloadTypes.includes(envelope.payloadType);
        assert.equal(accepted, rest.expect === "accept");
      });
    }
  },
);

testVectors("openEnvelope() and signedBy() keep DSSE's thresholds", "dsse/vectors.json", (text) => {
  const { keys } = JSON.parse(text) as DsseVectors;
  const [a, b] = ["A", "B"].map((name) =>
    signerFromPkcs8(Buffer.from(`302e020100300506032b657004220420${keys[name]!.seed}`, "hex"))
  );
  const listed = publicKeysOf([a!, b!]);
  const both = openEnvelope("order", sealDocument("order", {}, [a!, b!]));
  assert.equal(signedBy(both, listed).size, 2);
  const twice = openEnvelope("order", sealDocument("order", {}, [a!, a!]));
  assert.equal(signedBy(twice, listed).size, 1);
  // Stricter than DSSE, which lets a verifier take envelopes without key ids.
  const { signatures: [first] } = parseCanonical(sealDocument("order", {}, [a!])) as Written;
  const nameless = canonicalBytes({
    payload: "e30=",
    payloadType: "application/vnd.writ.order.v1+json",
    signatures: [{ sig: first!.sig }],
  });
  assertRefused("bad_envelope", () => openEnvelope("order", nameless));
});

Deno.test("openEnvelope() opens what sealDocument() wrote and refuses it as another kind", async (t) => {
  const signer = generateSigner();
  for (const kind of KINDS) {
    await t.step(kind, () => {
      const bytes = sealDocument(kind, { b: 1, a: [] }, [signer]);
      const envelope = openEnvelope(kind, bytes);
      assert.deepEqual(envelope.payload, utf8('{"a":[],"b":1}'));
      assert.deepEqual([...signedBy(envelope, [signer.publicKey])], [signer.publicKey]);
      for (const other of KINDS.filter((k) => k !== kind)) {
        assertRefused("wrong_kind", () => openEnvelope(other, bytes));
      }
    });
  }
});

Deno.test("openEnvelope() refuses an envelope that is not written exactly so", async (t) => {
  const signer = generateSigner();
  const good = parseCanonical(sealDocument("order", { a: 1 }, [signer])) as Written;
  const [signature] = good.signatures as [{ keyid: string; sig: string }];
  const short = encodeBase64(new Uint8Array(63));
  const cases: [string, unknown][] = [
    ["an array", [good]],
    ["null", null],
    ["a string", "x"],
    ["no field", {}],
    ["a field more", { ...good, note: 1 }],
    ["no payload", { payloadType: good.payloadType, signatures: good.signatures }],
    ["a payload that is a number", { ...good, payload: 1 }],
    ["a payload in base64url", { ...good, payload: "-_-_" }],
    ["a payload without padding", { ...good, payload: good.payload.replace(/=*$/, "") + "Q" }],
    ["no signature", { ...good, signatures: [] }],
    ["signatures as a map", { ...good, signatures: { 0: signature } }],
    ["a signature that is null", { ...good, signatures: [null] }],
    ["a signature that is a string", { ...good, signatures: [signature.sig] }],
    ["a signature without keyid", { ...good, signatures: [{ sig: signature.sig }] }],
    ["a keyid that is a number", { ...good, signatures: [{ ...signature, keyid: 1 }] }],
    ["a field more in a signature", { ...good, signatures: [{ ...signature, x: 1 }] }],
    ["63 bytes of signature", { ...good, signatures: [{ ...signature, sig: short }] }],
    ["an empty signature", { ...good, signatures: [{ ...signature, sig: "" }] }],
    ["the same signature twice", { ...good, signatures: [signature, signature] }],
  ];
  openEnvelope("order", canonicalBytes(good));
  for (const [name, value] of cases) {
    await t.step(name, () => {
      assertRefused("bad_envelope", () => openEnvelope("order", canonicalBytes(value)));
    });
  }
  await t.step("a space, which canonical JSON has not", () => {
    assertRefused("bad_envelope", () => openEnvelope("order", utf8(JSON.stringify(good, null, 1))));
  });
  await t.step("no byte at all", () => {
    assertRefused("bad_envelope", () => openEnvelope("order", new Uint8Array()));
  });
  for (
    const type of ["", "application/vnd.in-toto+json", "application/vnd.writ.order.v2+json", 1]
  ) {
    await t.step(`the type ${JSON.stringify(type)}`, () => {
      const bytes = canonicalBytes({ ...good, payloadType: type });
      assertRefused("wrong_kind", () => openEnvelope("order", bytes));
    });
  }
});

Deno.test("openEnvelope() accepts the longest envelope of each kind and refuses one byte more", async (t) => {
  const signer = generateSigner();
  for (const kind of KINDS) {
    await t.step(kind, () => {
      const limit = ENVELOPE_BYTES[kind];
      const written = parseCanonical(sealDocument(kind, {}, [signer])) as Written;
      // A key id may be any text to an envelope, which lets the length be met to the byte.
      const padded = (keyid: string) =>
        canonicalBytes({
          ...written,
          signatures: [{ ...written.signatures[0], keyid }],
        });
      const rest = limit - padded("").length;
      openEnvelope(kind, padded("x".repeat(rest)));
      assertRefused("too_large", () => openEnvelope(kind, padded("x".repeat(rest + 1))));
    });
  }
});

Deno.test("sealPayload() refuses to write what nobody would open", () => {
  const signer = generateSigner();
  const limit = ENVELOPE_BYTES.manifest;
  const overhead = sealPayload("manifest", new Uint8Array(), [signer]).length;
  const fitting = Math.floor((limit - overhead) / 4) * 3;
  openEnvelope("manifest", sealPayload("manifest", new Uint8Array(fitting), [signer]));
  assertRefused("too_large", () => sealPayload("manifest", new Uint8Array(fitting + 3), [signer]));
});

Deno.test("openEnvelope() accepts 16 signatures and refuses 17", () => {
  const signers = Array.from({ length: LIMITS.SIGNATURES + 1 }, generateSigner);
  const full = sealDocument("root", {}, signers.slice(0, -1));
  assert.equal(signedBy(openEnvelope("root", full), publicKeysOf(signers)).size, LIMITS.SIGNATURES);
  assertRefused("too_many_signatures", () => addSignature("root", full, signers.at(-1)!));
  const written = parseCanonical(full) as Written;
  const [first] = written.signatures;
  const more = { ...written, signatures: [...written.signatures, { ...first, keyid: "x" }] };
  assertRefused("too_many_signatures", () => openEnvelope("root", canonicalBytes(more)));
});

Deno.test("addSignature() adds to a threshold without changing the payload", () => {
  const [a, b] = [generateSigner(), generateSigner()];
  const one = sealDocument("root", { a: 1 }, [a]);
  const two = addSignature("root", one, b);
  const envelope = openEnvelope("root", two);
  assert.deepEqual(envelope.payload, openEnvelope("root", one).payload);
  assert.deepEqual(signedBy(envelope, publicKeysOf([a, b])), new Set(publicKeysOf([a, b])));
  assert.deepEqual(addSignature("root", two, b), two);
});

Deno.test("sealDocument() refuses to seal without a signer", () => {
  assert.throws(() => sealDocument("order", {}, []), TypeError);
});

Deno.test("signedBy() counts public keys that signed, and nothing else", async (t) => {
  const [a, b] = [generateSigner(), generateSigner()];
  const envelope = openEnvelope("order", sealDocument("order", { a: 1 }, [a, b]));
  await t.step("a key that is listed twice counts once", () => {
    assert.equal(signedBy(envelope, publicKeysOf([a, a, a])).size, 1);
  });
  await t.step("no key is nobody", () => assert.equal(signedBy(envelope, []).size, 0));
  await t.step("a stranger is nobody", () => {
    assert.equal(signedBy(envelope, [generateSigner().publicKey]).size, 0);
  });
  await t.step("a signature under another's key id counts for nobody", () => {
    const written = parseCanonical(sealDocument("order", { a: 1 }, [a])) as Written;
    const posing = canonicalBytes({
      ...written,
      signatures: [{ keyid: keyId(b.publicKey), sig: written.signatures[0]!.sig }],
    });
    assert.equal(signedBy(openEnvelope("order", posing), publicKeysOf([a, b])).size, 0);
  });
  await t.step("a signature over the bare payload counts for nobody", () => {
    const sig = a.sign(utf8('{"a":1}'));
    const bare = { ...envelope, signatures: new Map([[keyId(a.publicKey) as string, sig]]) };
    assert.equal(signedBy(bare, [a.publicKey]).size, 0);
  });
  await t.step("a signature over the same payload as another kind counts for nobody", () => {
    const moved = { ...envelope, kind: "manifest" as const };
    assert.equal(signedBy(moved, publicKeysOf([a, b])).size, 0);
  });
});
