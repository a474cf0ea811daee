import assert from "node:assert/strict";
import { DEFAULT_LIMITS } from "../../../runtime/core/documents/grant.ts";
import { ServingAgent } from "./fixture.ts";
import { until } from "../../until.ts";

const COUNTS = `
  fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === "/spin") for (;;);
    if (path === "/exit") Deno.exit(3);
    globalThis.n = (globalThis.n ?? 0) + 1;
    return new Response(String(globalThis.n));
  },
  run() { return globalThis.n = (globalThis.n ?? 0) + 1; }`;

async function runOf(agent: ServingAgent): Promise<unknown> {
  const { run } = await agent.test.order();
  const { outcome } = await agent.test.ended(run);
  assert.equal(outcome?.outcome, "ok", JSON.stringify(outcome));
  return (outcome as { result: unknown }).result;
}

Deno.test("a fresh script forgets from one request to the next", async () => {
  await using agent = await ServingAgent.start(COUNTS);
  assert.deepEqual([await agent.text(), await agent.text(), await runOf(agent)], ["1", "1", 1]);
});

Deno.test("a warm script is the same for runs and requests, one after another", async () => {
  await using agent = await ServingAgent.start(COUNTS, {
    life: "warm",
    limits: DEFAULT_LIMITS,
  }, { life: "warm" });
  assert.deepEqual([await agent.text(), await runOf(agent), await agent.text()], ["1", 2, "3"]);
  assert.deepEqual(await agent.refusal("/exit"), [503, "exited"]);
  assert.equal(await agent.text(), "1", "a new cell");
});

Deno.test("a live script is one for all, and comes back after it broke", async () => {
  const grant = { life: "live" as const, limits: { ...DEFAULT_LIMITS, cpuMs: 500, wallMs: 2_000 } };
  await using agent = await ServingAgent.start(COUNTS, grant, { life: "live" });
  const numbers = await Promise.all([agent.text(), agent.text(), runOf(agent), agent.text()]);
  assert.deepEqual(numbers.map(Number).sort(), [1, 2, 3, 4]);
  assert.deepEqual(await agent.refusal("/exit"), [503, "exited"]);
  assert.equal(await agent.text(), "1");
});

Deno.test("a live script answers many at once, and what one does ends no other", async () => {
  await using agent = await ServingAgent.start(
    `async fetch(request, ctx) {
       const path = new URL(request.url).pathname;
       if (path === "/throw") throw new Error("no");
       if (path === "/meet") {
         (globalThis.waiting ??= []).push(Promise.withResolvers());
         if (globalThis.waiting.length === 3) globalThis.waiting.forEach((w) => w.resolve());
         await globalThis.waiting.at(-1).promise;
       }
       return new Response(path);
     }`,
    { life: "live" },
    { life: "live" },
  );
  const meeting = [agent.text("/meet"), agent.text("/meet")];
  assert.deepEqual(await agent.refusal("/throw"), [503, "script_error"]);
  assert.deepEqual(await Promise.all([...meeting, agent.text("/meet")]), [
    "/meet",
    "/meet",
    "/meet",
  ]);
});

Deno.test("a kept cell is lost at once when its grant changes or it is accepted no more", async (t) => {
  for (const life of ["warm", "live"] as const) {
    await t.step(life, async () => {
      await using agent = await ServingAgent.start(
        `fetch(request) {
           if (!new URL(request.url).searchParams.has("stream")) {
             return new Response(String(globalThis.n = (globalThis.n ?? 0) + 1));
           }
           return new Response(new ReadableStream({ start: (to) => to.enqueue(new Uint8Array(1)) }));
         }`,
        { life, limits: DEFAULT_LIMITS },
        { life },
      );
      assert.deepEqual([await agent.text(), await agent.text()], ["1", "2"]);
      await agent.test.agent.reload();
      assert.equal(await agent.text(), "3", "nothing changed");
      agent.grant = { ...agent.grant, settings: { changed: true } };
      await agent.test.agent.reload();
      assert.equal(await agent.text(), "1", "another grant");
      if (life === "live") {
        const streaming = await agent.fetch("/?stream");
        const policy = agent.test.fleet.policy;
        agent.test.fleet.policy = () => policy({ accept: [] });
        await agent.test.agent.reload();
        await assert.rejects(streaming.bytes(), "what it was saying is cut off");
      }
    });
  }
});

Deno.test("a script hears that its client is gone", async () => {
  await using agent = await ServingAgent.start(
    `async fetch(request, ctx) {
       if (new URL(request.url).pathname === "/gone") return new Response(String(globalThis.gone));
       const body = new ReadableStream({
         start(to) { to.enqueue(new TextEncoder().encode("data: 1\\n\\n")); },
         cancel() { globalThis.gone = "cancelled"; },
       });
       ctx.signal.addEventListener("abort", () => { globalThis.gone ??= "aborted"; });
       return new Response(body, { headers: { "content-type": "text/event-stream" } });
     }`,
    { life: "live" },
    { life: "live" },
  );
  const events = await agent.fetch("/events");
  const reader = events.body!.getReader();
  assert.equal(new TextDecoder().decode((await reader.read()).value), "data: 1\n\n");
  await reader.cancel();
  // The script is told by another connection: ask until it has been.
  let told = "undefined";
  await until(async () => (told = await agent.text("/gone")) !== "undefined");
  assert.ok(["cancelled", "aborted"].includes(told), told);
});

Deno.test("half a WebSocket handshake is a plain request, and takes no place for longer", async () => {
  await using agent = await ServingAgent.start(
    `fetch(request, ctx) {
       try {
         return ctx.upgradeWebSocket().response;
       } catch (error) {
         return new Response(error.name);
       }
     }`,
    { life: "live", serve: { allow: ["loopback"], requests: 2 } },
    { life: "live" },
  );
  const { hostname, port } = new URL(agent.url);
  for (let i = 0; i < 6; i++) {
    using connection = await Deno.connect({ hostname, port: Number(port) });
    const path = new URL(agent.url).pathname.replace(/\/$/, "");
    await connection.write(new TextEncoder().encode(
      `GET ${path}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
        "Connection: close\r\n\r\n",
    ));
    const answer = await new Response(connection.readable).text();
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.match(answer, /TypeError/);
  }
});

Deno.test("a script takes a WebSocket, both ways", async () => {
  await using agent = await ServingAgent.start(
    `fetch(request, ctx) {
       const { socket, response } = ctx.upgradeWebSocket();
       socket.onmessage = ({ data }) => {
         if (data === "bye") return socket.close(3001, "as you say");
         socket.send(typeof data === "string" ? data.toUpperCase() : data);
       };
       return response;
     }`,
    { life: "live" },
    { life: "live" },
  );
  const socket = new WebSocket(agent.url.replace("http", "ws") + "/socket");
  socket.binaryType = "arraybuffer";
  const messages: unknown[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<CloseEvent>();
  socket.onclose = resolve;
  socket.onopen = () => {
    socket.send("hello");
    socket.send(new Uint8Array([1, 2, 3]));
  };
  socket.onmessage = ({ data }) => {
    messages.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
    if (messages.length === 2) socket.send("bye");
  };
  const { code, reason } = await closed;
  assert.deepEqual(messages, ["HELLO", [1, 2, 3]]);
  assert.deepEqual([code, reason], [3001, "as you say"]);
});
