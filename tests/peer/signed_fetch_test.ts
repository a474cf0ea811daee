import assert from "node:assert/strict";
import { contentDigest } from "../../runtime/peer/content_digest.ts";
import { PeerError } from "../../runtime/peer/errors.ts";
import { signResponse } from "../../runtime/peer/response_signature.ts";
import { signedFetch, type SignedFetchOptions } from "../../runtime/peer/signed_fetch.ts";
import { agent, agentId, bodyDigest, caller, NOON, verify } from "./call.ts";

type Answer = (request: Request) => Response | Promise<Response>;

/** Asks a server that answers like this. */
async function ask(answer: Answer, options: Partial<SignedFetchOptions> = {}): Promise<string> {
  const served = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(served, answer);
  const url = `http://127.0.0.1:${server.addr.port}/v1/runs?limit=5`;
  const response = await signedFetch(url, {
    signer: caller,
    recipient: agentId,
    now: NOON,
    ...options,
  });
  return await response.text();
}

/** An answer that the agent signed; its signature covers the digest of `covered`. */
function answered(request: Request, body: string, covered?: string, status = 200): Response {
  const headers = new Headers({ "content-type": "text/plain" });
  if (covered !== undefined) headers.set("content-digest", contentDigest(bodyDigest(covered)));
  signResponse({ status, headers }, request, { signer: agent, now: NOON });
  return new Response(body, { status, headers });
}

Deno.test("signedFetch() gives the answer that the agent signed for this call", async (t) => {
  await t.step("to a question", async () => {
    assert.equal(await ask((request) => answered(request, "yes", "yes")), "yes");
  });
  await t.step("that refuses", async () => {
    assert.equal(await ask((request) => answered(request, "no", "no", 404)), "no");
  });
  await t.step("to bytes and to a stream whose digest is known", async () => {
    const stream = new Blob(["hello"]).stream();
    const bodies = [new TextEncoder().encode("hello"), { stream, digest: bodyDigest("hello") }];
    for (const body of bodies) {
      const answer: Answer = async (request) => {
        const { digest } = verify(request);
        assert.equal(digest, bodyDigest(await request.text()));
        return answered(request, "ok", "ok");
      };
      assert.equal(await ask(answer, { method: "POST", body }), "ok");
    }
  });
  await t.step("as a stream, when that is asked for", async () => {
    const answer: Answer = (request) => answered(request, "event");
    assert.equal(await ask(answer, { unsafeUncoveredBody: true }), "event");
  });
});

Deno.test("signedFetch() refuses any other answer", async (t) => {
  const earlier = answeredRequest();
  const cases: [string, Answer, string][] = [
    ["with another body", (request) => answered(request, "no", "yes"), "digest_mismatch"],
    ["cut short", (request) => answered(request, "ye", "yes"), "digest_mismatch"],
    ["with a body that nothing covers", (request) => answered(request, "yes"), "not_covered"],
    ["to another call", () => answered(earlier, "yes", "yes"), "bad_signature"],
    ["that is not signed", () => new Response("yes"), "unsigned"],
  ];
  for (const [what, answer, code] of cases) {
    await t.step(what, async () => {
      await assert.rejects(ask(answer), { name: "PeerError", code });
    });
  }
  await t.step("and tells what an unsigned refusal says, as unproven", async () => {
    const answer = () =>
      Response.json({ error: { code: "unknown_key", message: "…" } }, { status: 401 });
    await assert.rejects(
      ask(answer),
      (error) =>
        error instanceof PeerError && error.code === "unsigned" && error.refusal === "unknown_key",
    );
  });
  await t.step("a redirect", async () => {
    const answer = () => Response.redirect("http://127.0.0.1:1/");
    await assert.rejects(ask(answer), { code: "unreachable" });
  });
  await t.step("and none at all", async () => {
    const options = { signer: caller, recipient: agentId, now: NOON };
    await assert.rejects(signedFetch("http://127.0.0.1:1/", options), { code: "unreachable" });
  });
});

/** A request that somebody else made. */
function answeredRequest(): Request {
  const headers = { signature: `writ=:${"A".repeat(86)}==:` };
  return new Request("http://127.0.0.1/", { headers });
}
