import assert from "node:assert/strict";
import { encodeBase64 } from "../../../runtime/core/base64.ts";
import { digestOf } from "../../../runtime/core/digest.ts";
import { contentDigest } from "../../../runtime/peer/content_digest.ts";
import { HAVE_FIELD, signResponse } from "../../../runtime/peer/response_signature.ts";
import { Bitfield } from "../../../runtime/peer/swarm/bitfield.ts";
import { httpSwarmPeer } from "../../../runtime/peer/swarm/http_swarm_peer.ts";
import { agent, agentId, caller } from "../call.ts";

const CHUNK = new Uint8Array(1_000).fill(1);
const DIGEST = digestOf(CHUNK);
const HAS = new Bitfield(3);
HAS.add(1);

/** What an agent sends for a chunk: right, but for what is changed. */
interface Sent {
  body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** What its signature covers. */
  digest?: `sha256:${string}`;
  encoding?: string;
  /** Changes the headers when they are signed. */
  afterwards?(headers: Headers): void;
  status?: number;
}

/** Asks an agent that sends this for a chunk. */
async function ask(
  { body = CHUNK, digest = DIGEST, encoding, afterwards, status = 200 }: Sent = {},
) {
  const served = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(served, (request) => {
    const headers = new Headers({
      "content-type": "application/octet-stream",
      "content-digest": contentDigest(digest),
      [HAVE_FIELD]: encodeBase64(HAS.bytes(), "base64url"),
      ...(encoding !== undefined && { "content-encoding": encoding }),
    });
    signResponse({ status, headers }, request, { signer: agent, now: Date.now() });
    afterwards?.(headers);
    return new Response(body, { status, headers });
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  const peer = httpSwarmPeer({ signer: caller, agent: agentId, url });
  const wanted = { chunks: 3, length: CHUNK.length, digest: DIGEST };
  return await peer.chunk(digestOf(new Uint8Array()), 1, wanted, AbortSignal.timeout(10_000));
}

Deno.test("httpSwarmPeer() gives a chunk, and what else its agent has", async () => {
  const { bytes, has } = await ask();
  assert.deepEqual(bytes, CHUNK);
  assert.deepEqual(has?.bytes(), HAS.bytes());
});

Deno.test("httpSwarmPeer() refuses what cannot be the chunk before it reads it", async (t) => {
  const none = () => new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  const cases: [string, Sent][] = [
    ["signed as another", { digest: digestOf(new Uint8Array(1)), body: none() }],
    ["longer", { body: new Uint8Array(CHUNK.length + 1) }],
    ["shorter", { body: CHUNK.slice(1) }],
    ["of a length that is not told", { body: none() }],
    ["compressed, and so of any length", { encoding: "gzip" }],
  ];
  for (const [what, sent] of cases) {
    await t.step(what, () => assert.rejects(ask(sent), { name: "PeerError", code: "bad_chunk" }));
  }
});

Deno.test("httpSwarmPeer() tells who gives in turns from who has no such chunk", async () => {
  assert.deepEqual(await ask({ status: 409 }), { isSource: true });
  assert.deepEqual(await ask({ status: 404 }), { isSource: false });
});

Deno.test("httpSwarmPeer() believes nothing of what an agent has that it did not sign", async () => {
  const afterwards = (headers: Headers) => headers.set(HAVE_FIELD, "4A");
  await assert.rejects(ask({ afterwards }), { code: "bad_signature" });
});
