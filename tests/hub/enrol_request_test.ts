import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { contentDigest, signRequest } from "../../runtime/peer/mod.ts";
import { TestHub } from "./hub_fixture.ts";

Deno.test("the hub refuses a request to enrol that is none, as the sender's mistake", async (t) => {
  await using hub = await TestHub.start();
  const ask = async (text: string) => {
    const body = new TextEncoder().encode(text);
    const request = {
      method: "POST",
      url: `${hub.hub.url}/agents/v1/acme/enrol`,
      headers: new Headers({
        "content-type": "application/json",
        "content-digest": contentDigest(digestOf(body)),
      }),
    };
    signRequest(request, { signer: generateSigner(), recipient: hub.hub.id, now: Date.now() });
    const answer = await fetch(request.url, { method: "POST", headers: request.headers, body });
    const { error } = await answer.json();
    return { status: answer.status, code: error.code };
  };
  for (const text of ["", "{", "[]", '{"secret":"x"}', "[".repeat(1_000)]) {
    await t.step(text.slice(0, 12), async () => {
      assert.deepEqual(await ask(text), { status: 400, code: "bad_request" });
    });
  }
});
