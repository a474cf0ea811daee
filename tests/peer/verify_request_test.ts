import assert from "node:assert/strict";
import fc from "fast-check";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { PeerError } from "../../runtime/peer/errors.ts";
import { PEER_LIMITS } from "../../runtime/peer/limits.ts";
import { signRequest } from "../../runtime/peer/sign_request.ts";
import { verifyRequest } from "../../runtime/peer/verify_request.ts";
import {
  agentId,
  bodyDigest,
  caller,
  NOON,
  type Request,
  signed,
  verify,
  withField,
} from "./call.ts";

Deno.test("verifyRequest() takes what signRequest() signed", () => {
  const call = verify(signed());
  assert.equal(call.key, caller.publicKey);
  assert.equal(call.expires, NOON + PEER_LIMITS.LIFETIME_MS);
  assert.equal(call.digest, undefined);
  const withBody = verify(signed({ method: "POST", body: "hello" }));
  assert.equal(withBody.digest, bodyDigest("hello"));
  assert.notEqual(withBody.nonce, call.nonce);
});

Deno.test("verifyRequest() refuses a request that is not the one that was signed", async (t) => {
  const request = signed({ method: "POST", body: "hello" });
  const other = keyId(generateSigner().publicKey);
  const elsewhere = (url: string): Request => ({ ...request, url });
  const cases: [string, Request, string][] = [
    ["another method", { ...request, method: "PUT" }, "bad_signature"],
    ["another path", elsewhere("https://agent.example/v1/run?limit=5"), "bad_signature"],
    ["another query", elsewhere("https://agent.example/v1/runs?limit=6"), "bad_signature"],
    ["no query", elsewhere("https://agent.example/v1/runs"), "bad_signature"],
    ["another recipient", withField(request, "writ-recipient", () => other), "wrong_recipient"],
    ["no recipient", withField(request, "writ-recipient", () => undefined), "wrong_recipient"],
    [
      "two recipients",
      withField(request, "writ-recipient", (id) => `${id}, ${id}`),
      "wrong_recipient",
    ],
    ["another type", withField(request, "content-type", () => "text/html"), "bad_signature"],
    [
      "another digest",
      withField(request, "content-digest", (text) => text.replace("=:L", "=:M")),
      "bad_signature",
    ],
    ["no digest", withField(request, "content-digest", () => undefined), "not_covered"],
    [
      "a later end",
      withField(
        request,
        "signature-input",
        (text) => text.replace(/expires=(\d+)/, (_, at) => `expires=${at - 1}`),
      ),
      "bad_signature",
    ],
  ];
  for (const [name, changed, code] of cases) {
    await t.step(name, () => {
      assert.throws(() => verify(changed), { name: "PeerError", code });
    });
  }
  await t.step("a digest beside a request without a body", () => {
    const changed = withField(signed(), "content-digest", () => "sha-256=:AAAA:");
    assert.throws(() => verify(changed), { code: "not_covered" });
  });
  await t.step("and takes it from another address of the same agent", () => {
    assert.ok(verify(elsewhere("https://10.0.0.7:8443/v1/runs?limit=5")));
  });
});

Deno.test("verifyRequest() refuses fields that are not written as ours are", async (t) => {
  const request = signed();
  const input = (change: (value: string) => string | undefined) =>
    withField(request, "signature-input", change);
  const signature = (change: (value: string) => string | undefined) =>
    withField(request, "signature", change);
  const cases: [string, Request, string][] = [
    [
      "no signature at all",
      withField(input(() => undefined), "signature", () => undefined),
      "unsigned",
    ],
    ["no Signature", signature(() => undefined), "bad_field"],
    ["no Signature-Input", input(() => undefined), "bad_field"],
    ["an empty one", input(() => ""), "bad_field"],
    ["another label", input((text) => text.replace("writ=", "sig1=")), "bad_field"],
    ["a second signature", input((text) => `${text}, ${text.replace("writ", "b")}`), "bad_field"],
    ["a space more", input((text) => text.replace(";created", "; created")), "bad_field"],
    ["no list", input(() => "writ=1"), "bad_field"],
    ["a signature that is text", signature(() => 'writ="abc"'), "bad_field"],
    ["a short signature", signature(() => "writ=:AAAA:"), "bad_signature"],
    ["nothing covered", input((text) => text.replace(/\(.*?\)/, "()")), "not_covered"],
    ["the method left out", input((text) => text.replace('"@method" ', "")), "not_covered"],
    ["the method twice", input((text) => text.replace('"@path"', '"@method"')), "not_covered"],
    [
      "the method of another",
      input((text) => text.replace('"@method"', '"@method";req')),
      "not_covered",
    ],
    ["no nonce", input((text) => text.replace(/;nonce="[^"]*"/, "")), "bad_field"],
    ["a short nonce", input((text) => text.replace(/;nonce="[^"]*"/, ';nonce="abc"')), "bad_field"],
    ["a number as nonce", input((text) => text.replace(/;nonce="[^"]*"/, ";nonce=7")), "bad_field"],
    ["an algorithm", input((text) => `${text};alg="none"`), "bad_field"],
    ["no end", input((text) => text.replace(/;expires=\d+/, "")), "bad_field"],
    [
      "an end too far",
      input((text) => text.replace(/expires=\d+/, "expires=9999999999")),
      "bad_field",
    ],
    [
      "an end before the start",
      input((text) => text.replace(/expires=\d+/, "expires=1")),
      "bad_field",
    ],
    [
      "a key id for a key",
      input((text) => text.replace(/keyid="[^"]*"/, `keyid="${agentId}"`)),
      "bad_field",
    ],
    [
      "a stranger's key",
      input((text) => text.replace(/keyid="[^"]*"/, `keyid="${generateSigner().publicKey}"`)),
      "unknown_key",
    ],
  ];
  for (const [name, changed, code] of cases) {
    await t.step(name, () => {
      assert.throws(() => verify(changed), { name: "PeerError", code });
    });
  }
});

Deno.test("verifyRequest() looks at lengths before it parses", () => {
  const request = signed();
  const full = (name: string, limit: number) =>
    withField(request, name, (text) => text.padEnd(limit, "x"));
  for (
    const [name, limit] of [
      ["signature-input", PEER_LIMITS.SIGNATURE_INPUT_CHARS],
      ["signature", PEER_LIMITS.SIGNATURE_CHARS],
    ] as const
  ) {
    assert.throws(() => verify(full(name, limit)), /malformed/);
    assert.throws(() => verify(full(name, limit + 1)), /longer/);
  }
});

Deno.test("verifyRequest() keeps to the time of the call", () => {
  const request = signed();
  const { LIFETIME_MS, CLOCK_SKEW_MS } = PEER_LIMITS;
  assert.ok(verify(request, NOON + LIFETIME_MS - 1));
  assert.throws(() => verify(request, NOON + LIFETIME_MS), { code: "expired" });
  assert.ok(verify(request, NOON - CLOCK_SKEW_MS));
  assert.throws(() => verify(request, NOON - CLOCK_SKEW_MS - 1), { code: "not_yet_valid" });
});

Deno.test("verifyRequest() refuses a key that did not sign, and asks for it first", () => {
  const request = signed();
  let asked = 0;
  const rules = { recipient: agentId, now: NOON, isKnown: () => ++asked > 0 };
  const other = generateSigner();
  const claimed = withField(
    request,
    "signature-input",
    (text) => text.replace(caller.publicKey, other.publicKey),
  );
  assert.throws(() => verifyRequest(claimed, rules), { code: "bad_signature" });
  assert.equal(asked, 1);
});

Deno.test("signRequest() refuses a body without a type", () => {
  const request = { method: "POST", url: "https://a.example/", headers: new Headers() };
  const rules = { signer: caller, recipient: agentId, now: NOON };
  assert.throws(() => signRequest({ ...request, digest: bodyDigest("x") }, rules), {
    code: "not_covered",
  });
});

Deno.test("verifyRequest() refuses a signature with anything beside its bytes", async (t) => {
  const request = signed();
  assert.doesNotThrow(() => verify(request));
  for (const more of [";req", ";a=1", " ", ",other=:AAAA:"]) {
    await t.step(JSON.stringify(more), () => {
      const changed = withField(request, "signature", (before) => `${before}${more}`);
      if (changed.headers.get("signature") === request.headers.get("signature")) return;
      assert.throws(() => verify(changed), { name: "PeerError", code: "bad_field" });
    });
  }
});

Deno.test("verifyRequest() throws only PeerErrors, whatever the fields hold", () => {
  const request = signed();
  const piece = fc.constantFrom(
    '"@method"',
    "(",
    ")",
    ";",
    "=",
    ":",
    '"',
    "writ",
    "req",
    "1",
    ",",
    " ",
  );
  const text = fc.oneof(fc.string(), fc.array(piece, { maxLength: 20 }).map((all) => all.join("")));
  const name = fc.constantFrom("signature-input", "signature", "content-digest", "writ-recipient");
  fc.assert(
    fc.property(name, text, fc.boolean(), (field, value, append) => {
      let changed: Request;
      try {
        changed = withField(request, field, (before) => append ? before + value : value);
      } catch {
        return; // no field could hold it
      }
      if (changed.headers.get(field) === request.headers.get(field)) return;
      assert.throws(() => verify(changed), PeerError);
    }),
    { numRuns: 500 },
  );
});
