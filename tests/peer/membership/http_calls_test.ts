import assert from "node:assert/strict";
import { digestOf } from "../../../runtime/core/digest.ts";
import type { KeyId } from "../../../runtime/core/documents/common.ts";
import { generateSigner, keyId } from "../../../runtime/core/key.ts";
import { httpMembershipCalls } from "../../../runtime/peer/membership/mod.ts";
import { EXCHANGE_BYTES } from "../../../runtime/peer/membership/wire.ts";
import {
  contentDigest,
  PeerError,
  PinnedClients,
  signResponse,
} from "../../../runtime/peer/mod.ts";
import { within } from "../../within.ts";

/** Greets whoever is at an address. */
async function greet(url: string, id: KeyId, signal: AbortSignal) {
  const calls = httpMembershipCalls({
    signer: generateSigner(),
    clients: new PinnedClients(),
    agentAt: () => ({ id }),
  });
  return await calls.greet(url, [], signal);
}

/** What a peer that answers `text` to everything is believed to say. */
async function told(text: string): Promise<readonly Uint8Array[]> {
  const peer = generateSigner();
  const body = new TextEncoder().encode(text);
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const headers = new Headers({
      "content-type": "application/json",
      "content-digest": contentDigest(digestOf(body)),
    });
    signResponse({ status: 200, headers }, request, { signer: peer, now: Date.now() });
    return new Response(body, { headers });
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  return await greet(url, keyId(peer.publicKey), AbortSignal.timeout(10_000));
}

/** An exchange of no adverts, as long as is asked for. */
function exchangeOf(length: number): string {
  const text = '{"adverts":[]}';
  return text + " ".repeat(length - text.length);
}

Deno.test("httpMembershipCalls() reads an answer as long as any may be, and none that is longer", async () => {
  assert.deepEqual(await told(exchangeOf(EXCHANGE_BYTES)), []);
  await assert.rejects(
    told(exchangeOf(EXCHANGE_BYTES + 1)),
    (error) => error instanceof PeerError && error.code === "bad_field",
  );
});

Deno.test("httpMembershipCalls() waits for no seed that takes the call and says nothing", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const taken = silent.accept();
  const { signal } = new AbortController();
  const url = `http://127.0.0.1:${silent.addr.port}`;
  const greeted = greet(url, keyId(generateSigner().publicKey), signal);
  await within(assert.rejects(greeted), "the end of a greeting");
  (await taken).close();
});
