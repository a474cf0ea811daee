import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { encodeBase64 } from "../../runtime/core/base64.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import {
  type KeyFileCode,
  KeyFileError,
  publicKeyFromPem,
  publicKeyToPem,
  signerFromPem,
  signerToPem,
} from "../../runtime/core/pem.ts";
import { assertRefused } from "./assert_refused.ts";

// RFC 8410, "Examples of Ed25519 Private Key" and "Example Ed25519 Public Key".
const RFC8410_PRIVATE = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
`;
const RFC8410_PUBLIC = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
`;
// openssl genpkey -algorithm ed25519 | openssl pkcs8 -topk8 -scrypt -passout pass:abc
const OPENSSL_SCRYPT = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAhn8ZU7T2cCxgICQAAC
AQgCAQEwHQYJYIZIAWUDBAEqBBBdCVawG1Ui3vRXtFA7dcsTBEBZQp+Au7gx6EIs
1QaomeMNf2BmZYDvaDRa3v6uULPn2UPIf0Vsri+mjKUKKVeypuo1xCXRnYYvnFjM
xanPNbWU
-----END ENCRYPTED PRIVATE KEY-----
`;

function assertKeyFile(code: KeyFileCode, act: () => unknown): void {
  assert.throws(act, (error) => error instanceof KeyFileError && error.code === code);
}

function pemOf(label: string, der: Uint8Array): string {
  return `-----BEGIN ${label}-----\n${encodeBase64(der)}\n-----END ${label}-----\n`;
}

Deno.test("signerFromPem() and publicKeyFromPem() read the examples of RFC 8410", () => {
  assert.equal(signerFromPem(RFC8410_PRIVATE).publicKey, publicKeyFromPem(RFC8410_PUBLIC));
});

Deno.test("signerToPem() and publicKeyToPem() write RFC 8410's examples byte for byte", () => {
  const signer = signerFromPem(RFC8410_PRIVATE);
  assert.equal(signerToPem(signer), RFC8410_PRIVATE);
  assert.equal(publicKeyToPem(signer.publicKey), RFC8410_PUBLIC);
});

Deno.test("signerFromPem() reads what OpenSSL encrypted with scrypt", () => {
  assert.match(signerFromPem(OPENSSL_SCRYPT, "abc").publicKey, /^ed25519:/);
  assertKeyFile("passphrase", () => signerFromPem(OPENSSL_SCRYPT, "abd"));
});

Deno.test("signerToPem() with a passphrase writes scrypt, and another passphrase does not open it", () => {
  const signer = generateSigner();
  const pem = signerToPem(signer, "correct horse");
  // The runtime's own reader understands it, and the object id of scrypt stands in it.
  assert.equal(
    createPrivateKey({ key: pem, passphrase: "correct horse" }).asymmetricKeyType,
    "ed25519",
  );
  const der = atob(pem.split("\n").slice(1, -2).join(""));
  assert.ok(der.includes("\x2b\x06\x01\x04\x01\xda\x47\x04\x0b"));
  assert.equal(signerFromPem(pem, "correct horse").publicKey, signer.publicKey);
  assertKeyFile("passphrase", () => signerFromPem(pem, "correct hors"));
  assertKeyFile("passphrase", () => signerFromPem(pem, ""));
  assertKeyFile("passphrase", () => signerFromPem(pem));
});

Deno.test("signerToPem() refuses an empty passphrase", () => {
  assert.throws(() => signerToPem(generateSigner(), ""), RangeError);
});

Deno.test("signerFromPem() refuses what is not one private key", async (t) => {
  const good = signerToPem(generateSigner());
  const cases: [string, string][] = [
    ["nothing", ""],
    ["words", "ed25519"],
    ["a public key", RFC8410_PUBLIC],
    ["two keys", good + good],
    ["text before", `key:\n${good}`],
    ["text after", `${good}x`],
    ["cut short", good.slice(0, 60)],
    ["another end", good.replace("END PRIVATE", "END PUBLIC")],
    ["damaged", good.replace("MC4CAQAw", "MC4CAQAx")],
    ["an empty block", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"],
    ["another label", good.replaceAll("PRIVATE KEY", "EC PRIVATE KEY")],
    ["a NUL byte", good.replace("MC4C", "MC\0C")],
  ];
  signerFromPem(good);
  signerFromPem(good.replaceAll("\n", "\r\n"));
  for (const [name, pem] of cases) {
    await t.step(name, () => assertKeyFile("not_a_key", () => signerFromPem(pem)));
  }
});

Deno.test("signerFromPem() and publicKeyFromPem() refuse other algorithms", async (t) => {
  const pairs = {
    rsa: generateKeyPairSync("rsa", { modulusLength: 1024 }),
    "P-256": generateKeyPairSync("ec", { namedCurve: "prime256v1" }),
    x25519: generateKeyPairSync("x25519"),
  };
  for (const [name, { privateKey, publicKey }] of Object.entries(pairs)) {
    await t.step(name, () => {
      const secret = privateKey.export({ format: "der", type: "pkcs8" });
      const open = publicKey.export({ format: "der", type: "spki" });
      assertKeyFile("not_ed25519", () => signerFromPem(pemOf("PRIVATE KEY", secret)));
      assertKeyFile("not_ed25519", () => publicKeyFromPem(pemOf("PUBLIC KEY", open)));
    });
  }
});

Deno.test("publicKeyFromPem() refuses a private key, damage, and a point of small order", () => {
  assertKeyFile("not_a_key", () => publicKeyFromPem(RFC8410_PRIVATE));
  assertKeyFile("not_a_key", () => publicKeyFromPem(RFC8410_PUBLIC.replace("MCow", "MCox")));
  const head = Uint8Array.from([0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0]);
  const neutral = new Uint8Array(44);
  neutral.set(head);
  neutral[12] = 1;
  assertRefused("low_order_key", () => publicKeyFromPem(pemOf("PUBLIC KEY", neutral)));
});
