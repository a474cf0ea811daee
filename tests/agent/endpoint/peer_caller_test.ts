import assert from "node:assert/strict";
import { sandboxRunner } from "../../../runtime/agent/cells/sandbox_runner.ts";
import { digestOf } from "../../../runtime/core/digest.ts";
import { generateSigner, keyId, type Signer } from "../../../runtime/core/key.ts";
import { signRequest } from "../../../runtime/peer/mod.ts";
import { NOON } from "../fixture.ts";
import { ServingAgent } from "./fixture.ts";

const text = (words: string) => new TextEncoder().encode(words);

Deno.test("an endpoint for peers answers who signs as one, and nobody else", async (t) => {
  const peer = generateSigner();
  await using agent = await ServingAgent.start(
    `async fetch(request, ctx) {
       const body = await request.text();
       return Response.json([ctx.caller, body, request.headers.has("signature")]);
     }`,
    { serve: ["peers"] },
  );
  const { test } = agent;
  await test.agent.stop();
  const entry = { name: "b", url: "https://b.example", id: keyId(peer.publicKey), labels: [] };
  await test.start({
    runner: sandboxRunner(),
    rules: () =>
      Promise.resolve({
        policy: test.fleet.policy(),
        sources: [test.fleet.source()],
        peers: [entry],
      }),
  });

  const ask = async (signer: Signer, signed: string, sent = signed) => {
    const headers = new Headers({ "content-type": "text/plain" });
    const url = `${agent.url}/x`;
    const digest = digestOf(text(signed));
    const request = { method: "POST", url, headers, digest };
    signRequest(request, { signer, recipient: test.agent.id, now: NOON });
    return await fetch(url, { method: "POST", headers, body: text(sent) });
  };

  await t.step("a peer", async () => {
    const response = await ask(peer, "hello");
    const [caller, body, sees] = await response.json();
    assert.deepEqual([caller.kind, caller.peer, body, sees], ["peer", entry.id, "hello", false]);
  });
  await t.step("not a stranger's key", async () => {
    const response = await ask(generateSigner(), "hello");
    assert.equal(response.status, 404);
    await response.body?.cancel();
  });
  await t.step("not another body than was signed", async () => {
    const response = await ask(peer, "hello", "jello");
    assert.equal(response.status, 503);
    await response.body?.cancel();
  });
  await t.step("not a body that was not signed at all", async () => {
    const headers = new Headers();
    const url = `${agent.url}/x`;
    signRequest({ method: "POST", url, headers }, {
      signer: peer,
      recipient: test.agent.id,
      now: NOON,
    });
    const response = await fetch(url, { method: "POST", headers, body: text("hello") });
    assert.equal(response.status, 404);
    await response.body?.cancel();
  });
  await t.step("nor who does not sign", async () => {
    assert.deepEqual(await agent.refusal(), [404, "not_admitted"]);
  });
});
