import assert from "node:assert/strict";
import { Hono } from "hono";
import type { Caller } from "../../../runtime/agent/http/admit.ts";
import { peerRoutes } from "../../../runtime/agent/http/peer_routes.ts";
import { digestOf } from "../../../runtime/core/digest.ts";
import { generateSigner, keyId } from "../../../runtime/core/key.ts";
import { RESOLVE_PATH } from "../../../runtime/peer/membership/wire.ts";

Deno.test("a question is passed on no longer than whoever asked waits for the answer", async () => {
  const { publicKey: key } = generateSigner();
  const passed = Promise.withResolvers<AbortSignal>();
  const peers = {
    exchange: () => Promise.resolve([]),
    pass: (_question: unknown, _from: unknown, signal: AbortSignal) => {
      passed.resolve(signal);
      return new Promise<undefined>((resolve) =>
        signal.addEventListener("abort", () => resolve(undefined))
      );
    },
  };
  const app = new Hono<{ Variables: { caller: Caller } }>();
  const question = { id: crypto.randomUUID(), agent: keyId(generateSigner().publicKey), hops: 6 };
  const body = new TextEncoder().encode(JSON.stringify(question));
  app.use((c, next) => {
    c.set("caller", {
      kind: "signed",
      key,
      peer: keyId(key),
      orderers: [],
      digest: digestOf(body),
    });
    return next();
  });
  app.route("/", peerRoutes({ peers }));
  const asking = new AbortController();
  const init = { method: "POST", body, signal: asking.signal };
  const answer = Promise.resolve(app.fetch(new Request(`http://agent${RESOLVE_PATH}`, init)));
  const signal = await Promise.race([passed.promise, answer.then(() => assert.fail("not passed"))]);
  assert.equal(signal.aborted, false);
  asking.abort();
  assert.deepEqual(await (await answer).json(), { advert: null });
  assert.equal(signal.aborted, true);
});
