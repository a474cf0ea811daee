import assert from "node:assert/strict";
import { sandboxRunner } from "../../../runtime/agent/cells/sandbox_runner.ts";
import type { Caller } from "../../../runtime/core/documents/serve.ts";
import { generateSigner, keyId } from "../../../runtime/core/key.ts";
import {
  PeerError,
  signedFetch,
  type SignedFetchOptions,
  signRequest,
} from "../../../runtime/peer/mod.ts";
import { NOON } from "../fixture.ts";
import { ServingAgent } from "./fixture.ts";

const SCRIPT = `async fetch(request) {
  const { pathname } = new URL(request.url);
  const streamed = (...pieces) => new Response(ReadableStream.from(pieces).pipeThrough(
    new TextEncoderStream()));
  const digest = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))
    .then((bytes) => "sha-256=:" + new Uint8Array(bytes).toBase64() + ":");
  switch (pathname) {
    case "/short": return new Response("short", { status: 201, headers: { etag: "a" } });
    case "/none": return new Response(null, { status: 204 });
    case "/streamed": return streamed("in ", "pieces");
    case "/long": return streamed(...Array(40).fill("x".repeat(50_000)));
    case "/known": return new Response(streamed("known").body, {
      headers: { "content-digest": await digest("known") } });
    case "/lied": return new Response("lied", {
      headers: { "content-digest": await digest("the truth") } });
    case "/strange": return new Response("strange", { headers: { "content-digest": "md5=:x:" } });
    case "/broken": return new Response(new ReadableStream({
      pull(controller) { controller.error(new Error("no")); } }));
    case "/asked": return new Response(request.headers.get("want-content-digest") ?? "nothing");
    default: throw new Error("no");
  }
}`;

/** An agent that knows a peer, and what asks it in that peer's name. */
async function start(serve: Caller[], script = SCRIPT) {
  const peer = generateSigner();
  const agent = await ServingAgent.start(script, { serve });
  const { test } = agent;
  await test.agent.stop();
  const id = keyId(peer.publicKey);
  await test.start({
    runner: sandboxRunner(),
    rules: () =>
      Promise.resolve({
        policy: test.fleet.policy(),
        sources: [test.fleet.source()],
        peers: [{ name: "b", url: "https://b.example", id, labels: [] }],
      }),
  });
  const ask = (path: string, options: Partial<SignedFetchOptions> = {}) =>
    signedFetch(agent.url + path, {
      signer: peer,
      recipient: test.agent.id,
      now: NOON,
      ...options,
    });
  return { agent, peer, ask };
}

Deno.test("an endpoint signs what it answers a peer", async (t) => {
  const { agent, ask } = await start(["peers"]);
  await using _ = agent;
  const read = async (path: string, options?: Partial<SignedFetchOptions>) => {
    const response = await ask(path, options);
    return [response.status, await response.text()];
  };
  const said = async (path: string, options?: Partial<SignedFetchOptions>) => {
    const response = await ask(path, options);
    return [response.status, (await response.json()).error.code];
  };
  const refused = (code: string) => (error: unknown) =>
    error instanceof PeerError && error.code === code;

  await t.step("a short body by its digest", async () => {
    assert.deepEqual(await read("/short"), [201, "short"]);
    assert.deepEqual(await read("/streamed"), [200, "in pieces"]);
  });
  await t.step("no body by its head", async () => {
    assert.deepEqual(await read("/none"), [204, ""]);
    assert.deepEqual(await read("/short", { method: "HEAD" }), [201, ""]);
    assert.equal((await ask("", { method: "HEAD" }).catch((error) => error)).code, "unreachable");
  });
  await t.step("a body whose digest the script knows, as it comes", async () => {
    assert.deepEqual(await read("/known"), [200, "known"]);
    await assert.rejects(read("/lied"), refused("digest_mismatch"));
    assert.deepEqual(await read("/strange"), [200, "strange"]);
  });
  await t.step("a long body only to who takes it uncovered", async () => {
    assert.deepEqual(await said("/long"), [503, "answer_too_long"]);
    const [status, body] = await read("/long", { unsafeUncoveredBody: true });
    assert.deepEqual([status, String(body).length], [200, 2_000_000]);
  });
  await t.step("its refusals", async () => {
    assert.deepEqual(await said("/thrown"), [503, "script_error"]);
    assert.deepEqual(await said("/thrown", { unsafeUncoveredBody: true }), [503, "script_error"]);
    assert.deepEqual(await said("/broken"), [503, "script_error"]);
  });
  await t.step("and tells the script nothing of it", async () => {
    assert.deepEqual(await read("/asked", { unsafeUncoveredBody: true }), [200, "nothing"]);
  });
  await t.step("but nothing for a stranger", async () => {
    await assert.rejects(ask("/short", { signer: generateSigner() }), refused("unsigned"));
  });
});

Deno.test("an endpoint gives a peer that signed its WebSocket", async () => {
  const script = `fetch: (_request, ctx) => ctx.upgradeWebSocket().response`;
  const { agent, peer } = await start(["peers"], script);
  await using _ = agent;
  const headers = new Headers();
  const url = `${agent.url}/`;
  const recipient = agent.test.agent.id;
  signRequest({ method: "GET", url, headers }, { signer: peer, recipient, now: NOON });
  const { hostname, port, pathname } = new URL(url);
  using socket = await Deno.connect({ hostname, port: Number(port) });
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const handshake = "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n" +
    "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
  const head = `GET ${pathname} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${lines}${handshake}\r\n`;
  await socket.write(new TextEncoder().encode(head));
  const bytes = new Uint8Array(4_096);
  const length = await socket.read(bytes);
  assert.match(new TextDecoder().decode(bytes.subarray(0, length ?? 0)), /^HTTP\/1\.1 101 /);
});

Deno.test("an endpoint for everybody signs for who is known, and answers all others", async () => {
  const { agent, ask } = await start(["public"]);
  await using _ = agent;
  assert.equal(await (await ask("/short")).text(), "short");
  const stranger = ask("/short", { signer: generateSigner() });
  await assert.rejects(
    stranger,
    (error) => error instanceof PeerError && error.code === "unsigned",
  );
  const unsigned = await agent.fetch("/short");
  assert.deepEqual([await unsigned.text(), unsigned.headers.get("signature")], ["short", null]);
});
