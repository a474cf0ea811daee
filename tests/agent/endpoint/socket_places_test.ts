import assert from "node:assert/strict";
import { until } from "../../until.ts";
import { within } from "../../within.ts";
import { ServingAgent } from "./fixture.ts";

/** As many as all scripts have together. */
const PLACES = 64;

Deno.test("an agent holds 64 WebSockets of its scripts, and takes one more when one is gone", async () => {
  await using agent = await ServingAgent.start(
    `fetch(request, ctx) {
       const { socket, response } = ctx.upgradeWebSocket();
       socket.onmessage = ({ data }) => socket.send(data);
       return response;
     }`,
    { life: "live", serve: { allow: ["loopback"], requests: 2 * PLACES } },
    { life: "live" },
  );
  const url = agent.url.replace("http", "ws") + "/socket";
  const open = await Promise.all(Array.from({ length: PLACES }, () => opened(url)));
  assert.ok(open.every((socket) => socket !== undefined), "64 are open");
  assert.equal(await opened(url), undefined, "the 65th is refused");
  await closed(open.pop()!);
  let next: WebSocket | undefined;
  await until(async () => (next = await opened(url)) !== undefined);
  await Promise.all([...open, next].map((socket) => closed(socket!)));
});

/** A WebSocket that the script took; `undefined` when it was refused. */
async function opened(url: string): Promise<WebSocket | undefined> {
  const socket = new WebSocket(url);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.onopen = () => resolve(true);
  socket.onerror = () => resolve(false);
  return await within(promise, "an answer to a WebSocket") ? socket : undefined;
}

async function closed(socket: WebSocket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.onclose = () => resolve();
  socket.close();
  await within(promise, "the end of a WebSocket");
}
