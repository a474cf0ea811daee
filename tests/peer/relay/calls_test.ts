import assert from "node:assert/strict";
import * as fc from "fast-check";
import { collectBytes } from "../../../runtime/core/collect_bytes.ts";
import { PeerError } from "../../../runtime/peer/mod.ts";
import { readAnswerHead, readCallHead } from "../../../runtime/peer/relay/call_head.ts";
import {
  readUpgrade,
  RELAY_LIMITS,
  RelayedClient,
  serveCalls,
} from "../../../runtime/peer/relay/mod.ts";
import { readRelayFrame } from "../../../runtime/peer/relay/relay_frame.ts";
import type { PeerSocket } from "../../../runtime/peer/socket/mod.ts";
import { tamperedPair } from "../socket/wires.ts";

const URL = "https://agent.invalid/a/path?and=query";

/** A client whose calls a handler answers, through sockets that are counted. */
function served(handler: (request: Request) => Response | Promise<Response>) {
  const sockets: PeerSocket[] = [];
  const client = new RelayedClient(async () => {
    const { near, far } = await tamperedPair();
    void serveCalls(far, handler);
    sockets.push(near);
    return near;
  });
  return { client, sockets };
}

/** A client of somebody who answers a call with these messages. */
function rude(...messages: (string | Uint8Array)[]) {
  return new RelayedClient(async () => {
    const { near, far } = await tamperedPair();
    void (async () => {
      await far.messages.next();
      for (const message of messages) await far.send(message);
    })();
    return near;
  });
}

Deno.test("RelayedClient.fetch() asks and is answered as fetch() is", async (t) => {
  const { client, sockets } = served(async (request) => {
    const { method, url, headers } = request;
    const body = await request.text();
    return Response.json({ method, url, said: headers.get("said"), body }, { status: 201 });
  });
  await t.step("without a body", async () => {
    const response = await client.fetch(URL, { headers: { said: "hello" } });
    assert.equal(response.status, 201);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.deepEqual(await response.json(), {
      method: "GET",
      url: "http://localhost/a/path?and=query",
      said: "hello",
      body: "",
    });
  });
  await t.step("with one, of any length", async () => {
    for (const length of [0, 1, RELAY_LIMITS.PIECE_BYTES, 1_000_000]) {
      const body = "x".repeat(length);
      const answer = await (await client.fetch(URL, { method: "PUT", body })).json();
      assert.equal(answer.body, body);
    }
  });
  await t.step("one after another through one socket", () => assert.equal(sockets.length, 1));
  await t.step("at once through several", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => client.fetch(URL)));
    for (const answer of answers) await answer.text();
    assert.equal(sockets.length, 3);
  });
  client.close();
});

Deno.test("RelayedClient.fetch() gives the same bytes back, whatever they are", async () => {
  const { client } = served((request) => new Response(request.body));
  const property = fc.asyncProperty(fc.uint8Array({ maxLength: 200_000 }), async (bytes) => {
    const response = await client.fetch(URL, { method: "POST", body: new Uint8Array(bytes) });
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), new Uint8Array(bytes));
  });
  await fc.assert(property, { numRuns: 20 });
  client.close();
});

/** How often somebody waits for the end of a socket. */
function waitsFor(socket: PeerSocket): { count: number } {
  const waits = { count: 0 };
  const { closed } = socket;
  Object.defineProperty(socket, "closed", { get: () => (waits.count++, closed) });
  return waits;
}

Deno.test("calls through one socket leave nothing behind that waits for its end", async () => {
  const { near, far } = await tamperedPair();
  const waits = [waitsFor(near), waitsFor(far)];
  void serveCalls(far, () => new Response("yes"));
  const client = new RelayedClient(() => Promise.resolve(near));
  for (let call = 0; call < 5; call++) assert.equal(await (await client.fetch(URL)).text(), "yes");
  assert.deepEqual(waits, [{ count: 1 }, { count: 1 }]);
  client.close();
});

Deno.test("an answer that streams is read as it comes, and let go with its socket", async () => {
  const stopped = Promise.withResolvers<void>();
  const { client, sockets } = served(() =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(1_000)),
        cancel: () => stopped.resolve(),
      }),
    )
  );
  const { body } = await client.fetch(URL);
  const reader = body!.getReader();
  assert.equal((await reader.read()).value!.length, 1_000);
  await reader.cancel();
  await sockets[0]!.closed;
  await stopped.promise;
  client.close();
});

Deno.test("a call that is aborted lets its socket go, and says why", async () => {
  const began = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const { client, sockets } = served(async ({ signal }) => {
    began.resolve();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    ended.resolve();
    return new Response();
  });
  const stop = new AbortController();
  const answer = client.fetch(URL, { signal: stop.signal });
  await began.promise;
  stop.abort(new Error("enough"));
  await assert.rejects(answer, { message: "enough" });
  await sockets[0]!.closed;
  await ended.promise;
  client.close();
});

Deno.test("an answer of another length than it says is not taken", async (t) => {
  const head = (length: number) =>
    JSON.stringify({ status: 200, fields: [["content-length", `${length}`]], body: true });
  const bytes = new Uint8Array(10);
  const read = async (client: RelayedClient) => {
    const { body } = await client.fetch(URL);
    return await collectBytes(body, 1_000);
  };
  await t.step("control: of that length", async () => {
    assert.deepEqual(await read(rude(head(10), bytes, "end")), bytes);
  });
  for (const [what, length] of [["longer", 9], ["shorter", 11]] as const) {
    await t.step(what, async () => {
      await assert.rejects(read(rude(head(length), bytes, "end")), { code: "too_long" });
    });
  }
  await t.step("one without an end", async () => {
    await assert.rejects(read(rude(head(10), bytes, "fin")), { code: "bad_field" });
  });
});

Deno.test("a call that is none ends the socket", async (t) => {
  const good = { method: "GET", path: "/", fields: [], body: false };
  const cases: Record<string, string | Uint8Array> = {
    "bytes": new Uint8Array(10),
    "no JSON": "GET /",
    "another method": JSON.stringify({ ...good, method: "CONNECT" }),
    "another's address": JSON.stringify({ ...good, path: "https://other.example/" }),
    "a path with a space": JSON.stringify({ ...good, path: "/a b" }),
    "a field with a line in it": JSON.stringify({ ...good, fields: [["a", "b\r\nc: d"]] }),
    "too many fields": JSON.stringify({ ...good, fields: Array(101).fill(["a", "b"]) }),
    "an unknown key": JSON.stringify({ ...good, host: "elsewhere" }),
    "a head that is too long": JSON.stringify({ ...good, path: `/${"x".repeat(70_000)}` }),
  };
  await t.step("control: one that is a call is answered", async () => {
    const { near, far } = await tamperedPair();
    void serveCalls(far, () => new Response("yes"));
    await near.send(JSON.stringify(good));
    assert.equal(readAnswerHead((await near.messages.next()).value!).status, 200);
    near.close();
  });
  for (const [what, message] of Object.entries(cases)) {
    await t.step(what, async () => {
      const { near, far } = await tamperedPair();
      let asked = 0;
      void serveCalls(far, () => {
        asked++;
        return new Response();
      });
      await near.send(message);
      assert.equal((await near.closed).kind, "closed");
      assert.equal(asked, 0);
    });
  }
});

Deno.test("what comes through a relay is read, or refused as what it is", () => {
  const readers = [readCallHead, readAnswerHead, readRelayFrame];
  const property = fc.property(fc.oneof(fc.json(), fc.string(), fc.uint8Array()), (message) => {
    for (const read of readers) onlyPeerErrors(() => read(message));
    onlyPeerErrors(() => readUpgrade(new TextEncoder().encode(String(message))));
  });
  fc.assert(property, { numRuns: 500 });
});

function onlyPeerErrors(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof PeerError, String(error));
  }
}
