import assert from "node:assert/strict";
import { generateSigner } from "../../runtime/core/key.ts";
import { contentDigest } from "../../runtime/peer/content_digest.ts";
import { signResponse, verifyResponse } from "../../runtime/peer/response_signature.ts";
import { agent, agentId, bodyDigest, NOON, signed } from "./call.ts";

function answer(request = signed(), by = agent) {
  const headers = new Headers({
    "content-type": "application/json",
    "content-digest": contentDigest(bodyDigest("{}")),
    "x-other": "1",
  });
  const response = { status: 200, headers };
  signResponse(response, request, { signer: by, now: NOON });
  return response;
}

Deno.test("verifyResponse() takes the answer of the agent that was asked", () => {
  const request = signed();
  assert.deepEqual(verifyResponse(answer(request), request, agentId), { digest: bodyDigest("{}") });
  const bare = { status: 204, headers: new Headers() };
  signResponse(bare, request, { signer: agent, now: NOON });
  assert.deepEqual(verifyResponse(bare, request, agentId), {});
});

Deno.test("verifyResponse() refuses an answer that is not to this call or was changed", async (t) => {
  const request = signed();
  const changed = (change: (headers: Headers) => void) => {
    const response = answer(request);
    change(response.headers);
    return response;
  };
  const cases: [string, ReturnType<typeof answer>, string][] = [
    ["of another call", answer(signed()), "bad_signature"],
    ["of another agent", answer(request, generateSigner()), "unknown_key"],
    [
      "by what is no key",
      changed((h) => {
        const input = h.get("signature-input")!;
        h.set("signature-input", input.replace(agent.publicKey, `ed25519:${"_".repeat(42)}8`));
      }),
      "unknown_key",
    ],
    ["with another status", { ...answer(request), status: 403 }, "bad_signature"],
    ["with another type", changed((h) => h.set("content-type", "text/html")), "bad_signature"],
    ["without its type", changed((h) => h.delete("content-type")), "not_covered"],
    ["without its digest", changed((h) => h.delete("content-digest")), "not_covered"],
    [
      "with another digest",
      changed((h) => h.set("content-digest", contentDigest(bodyDigest("[]")))),
      "bad_signature",
    ],
    ["without its signature", changed((h) => h.delete("signature")), "bad_field"],
    [
      "without any",
      changed((h) => ["signature", "signature-input"].forEach((name) => h.delete(name))),
      "unsigned",
    ],
  ];
  for (const [name, response, code] of cases) {
    await t.step(name, () => {
      assert.throws(() => verifyResponse(response, request, agentId), { name: "PeerError", code });
    });
  }
  await t.step("and takes one with a field more that nobody signs", () => {
    assert.ok(verifyResponse(changed((h) => h.set("x-other", "2")), request, agentId));
  });
});
