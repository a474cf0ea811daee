import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeBase64, encodeBase64 } from "../../../runtime/core/base64.ts";
import { canonicalText, decodeUtf8, parseCanonical } from "../../../runtime/core/canonical_json.ts";
import { VerificationError } from "../../../runtime/core/errors.ts";
import { keyId, parsePublicKey, verifySignature } from "../../../runtime/core/key.ts";
import {
  KeyFileError,
  publicKeyFromPem,
  publicKeyToPem,
  signerFromPem,
  signerToPem,
} from "../../../runtime/core/pem.ts";
import { allowing } from "../allowed.ts";
import { fuzzSigner } from "../fuzz_fleet.ts";
import { mutatedBytes, mutatedText, textOf } from "../mutate.ts";
import { probe, type Target } from "../target.ts";

const BASE64 = ["AA==", "AAA=", "AAAA", "-_8", "+/8=", "=", " ", "\n", "A", "é"];

export const base64: Target = {
  name: "base64",
  what: "Any text: the bytes whose one spelling it is, or nothing.",
  open: () =>
    probe(
      fc.record({
        text: fc.oneof(textOf(BASE64), mutatedText(["AAECAwQFBgc=", "AAECAwQFBgc"], BASE64)),
        alphabet: fc.constantFrom("base64" as const, "base64url" as const),
      }),
      ({ text, alphabet }) => {
        const bytes = decodeBase64(text, alphabet);
        if (bytes !== undefined) assert.equal(encodeBase64(bytes, alphabet), text);
      },
    ),
};

const JSON_SAMPLES = [
  '{"a":[1,2.5,-3],"b":{"c":"é","d":null}}',
  '["",true,1e+30]',
  '"\\u0000"',
  "0",
];
const JSON_WORDS = ["{", "}", "[", "]", ":", ",", '"', "\\u00e9", "\\ud800", "1e400", "-0", " "];

export const canonicalJson: Target = {
  name: "canonical-json",
  what: "Any bytes: a value whose canonical form they are, or VerificationError.",
  open: () =>
    probe(
      fc.oneof(
        mutatedBytes(JSON_SAMPLES.map(utf8), [
          ...JSON_WORDS,
          "\ufeff",
          '"__proto__":1',
          "[".repeat(70),
        ]),
        textOf(JSON_WORDS).map(utf8),
      ),
      (bytes) => {
        const value = allowing([VerificationError], () => parseCanonical(bytes));
        if (value !== undefined) assert.equal(canonicalText(value), decodeUtf8(bytes));
      },
    ),
};

export const publicKeys: Target = {
  name: "public-keys",
  what: "Texts of public keys: the key in its one spelling, or VerificationError.",
  open: () => {
    const key = fuzzSigner(1).publicKey;
    const points = fc.uint8Array({ minLength: 31, maxLength: 33 })
      .map((bytes) => `ed25519:${encodeBase64(bytes, "base64url")}`);
    return probe(
      fc.oneof(
        points,
        mutatedText([key, "ed25519:" + "A".repeat(43)], ["ed25519:", "=", "_", "-"]),
      ),
      (text) => {
        const known = allowing([VerificationError], () => parsePublicKey(text));
        if (known === undefined) return;
        assert.equal(known, text);
        assert.match(keyId(known), /^writ-key:[\w-]{43}$/);
        assert.equal(publicKeyFromPem(publicKeyToPem(known)), text);
        // A key nobody signed with, and a signature nobody made.
        assert.equal(verifySignature(known, utf8("message"), new Uint8Array(64)), false);
      },
    );
  },
};

export const keyFiles: Target = {
  name: "key-files",
  what: "PEM files: a key, KeyFileError, or VerificationError for a public key that is refused.",
  open: () => {
    const signer = fuzzSigner(1);
    const samples = [signerToPem(signer), publicKeyToPem(signer.publicKey), X25519, P256];
    const words = [
      "-----BEGIN PRIVATE KEY-----",
      "-----END PUBLIC KEY-----",
      "\n",
      "ENCRYPTED ",
      "=",
    ];
    return probe(
      fc.record({
        pem: mutatedText(samples, words),
        passphrase: fc.constantFrom(undefined, "", "x"),
      }),
      ({ pem, passphrase }) => {
        const refusals = [KeyFileError, VerificationError];
        const read = allowing([KeyFileError], () => signerFromPem(pem, passphrase));
        if (read) assert.equal(signerFromPem(signerToPem(read)).publicKey, read.publicKey);
        const key = allowing(refusals, () => publicKeyFromPem(pem));
        if (key) assert.equal(parsePublicKey(key), key);
      },
    );
  },
};

/** Keys of other algorithms, public ones. */
const X25519 = "-----BEGIN PUBLIC KEY-----\n" +
  "MCowBQYDK2VuAyEAhSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\n-----END PUBLIC KEY-----\n";
const P256 = "-----BEGIN PUBLIC KEY-----\n" +
  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n" +
  "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n-----END PUBLIC KEY-----\n";

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
