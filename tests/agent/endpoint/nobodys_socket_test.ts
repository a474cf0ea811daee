import assert from "node:assert/strict";
import type { Serve } from "../../../runtime/core/documents/serve.ts";
import { ServingAgent } from "./fixture.ts";

const SCRIPT = `fetch(request, ctx) {
  if (request.url.endsWith("/page")) return new Response(ctx.caller.kind);
  const { socket, response } = ctx.upgradeWebSocket();
  socket.onopen = () => socket.send(ctx.caller.kind);
  return response;
}`;

/** What a handshake says that a browser makes for a page without origin: no Referer. */
function handshake(agent: ServingAgent, more: Record<string, string> = {}): Promise<string> {
  const { hostname, port, pathname } = new URL(agent.url);
  const headers = {
    host: `${hostname}:${port}`,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    origin: "null",
    ...more,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return answerTo(Number(port), `GET ${pathname}/ HTTP/1.1\r\n${lines.join("")}\r\n`);
}

/** Status, and what follows: a body, or a first message. */
async function answerTo(port: number, head: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(head));
  const buffer = new Uint8Array(4_096);
  let text = "";
  while (!/public|loopback|bad_name/.test(text)) {
    const count = await connection.read(buffer);
    if (count === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return `${text.slice(9, 12)} ${/public|loopback|bad_name/.exec(text)?.[0]}`;
}

const start = (allow: Serve) =>
  ServingAgent.start(SCRIPT, { life: "live", serve: allow }, { life: "live" });

Deno.test("the socket of a page of nobody's is the public's, on this machine too", async () => {
  await using agent = await start(["loopback", "public"]);
  assert.equal(await agent.text("/page"), "loopback");
  assert.equal(await handshake(agent), "101 public");
});

Deno.test("the socket of a page of nobody's is refused where the public is", async () => {
  await using agent = await start(["loopback"]);
  assert.equal(await handshake(agent), "404 bad_name");
});

Deno.test("what is no socket, names another host, or another page, is refused as before", async () => {
  await using agent = await start(["loopback", "public"]);
  assert.equal(await handshake(agent, { upgrade: "h2c" }), "404 bad_name");
  assert.equal(await handshake(agent, { host: "evil.example" }), "404 bad_name");
  assert.equal(await handshake(agent, { origin: "https://evil.example" }), "404 bad_name");
  assert.equal(await handshake(agent, { referer: "https://evil.example/" }), "404 bad_name");
});
