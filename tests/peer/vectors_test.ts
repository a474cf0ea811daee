import assert from "node:assert/strict";
import { createPrivateKey, sign } from "node:crypto";
import { encodeBase64 } from "../../runtime/core/base64.ts";
import { verifySignature } from "../../runtime/core/key.ts";
import { signatureBase } from "../../runtime/peer/signature_base.ts";
import { readSignatureFields } from "../../runtime/peer/signature_fields.ts";
import { testVectors } from "../core/vectors.ts";

testVectors(
  "signatureBase() makes the base of RFC 9421, appendix B.2.6, and its signature is good",
  "rfc9421/b26-ed25519.json",
  (text) => {
    const vector = JSON.parse(text);
    const { method, url } = vector.request;
    const headers = new Headers(vector.request.headers);
    headers.set("signature-input", vector.signature_input);
    headers.set("signature", vector.signature);
    const message = { method, url, headers };
    const { input, written, signature } = readSignatureFields(message, "sig-b26");
    const base = signatureBase(input, written, message);
    assert.equal(new TextDecoder().decode(base), vector.signature_base);
    assert.ok(verifySignature(`ed25519:${vector.key.x}`, base, signature));
    const key = createPrivateKey({ key: vector.key, format: "jwk" });
    assert.equal(`sig-b26=:${encodeBase64(sign(null, base, key))}:`, vector.signature);
    headers.set("date", "Tue, 20 Apr 2021 02:07:56 GMT");
    const other = signatureBase(input, written, message);
    assert.ok(!verifySignature(`ed25519:${vector.key.x}`, other, signature));
  },
);
