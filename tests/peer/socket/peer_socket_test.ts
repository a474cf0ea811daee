import assert from "node:assert/strict";
import * as fc from "fast-check";
import { WrittenMessage } from "../../../runtime/peer/socket/mod.ts";
import { SocketServer } from "./socket_fixture.ts";
import { clientId } from "./socket_fixture.ts";

Deno.test("connectSocket() and acceptSocket() know each other and pass messages both ways", async () => {
  await using server = new SocketServer();
  const [near, far] = await server.pair();
  assert.equal(near.peer, server.id);
  assert.equal(far.peer, clientId);
  await near.send("a question");
  await far.send(new Uint8Array([1, 2, 3]));
  assert.deepEqual(await far.messages.next(), { done: false, value: "a question" });
  const { value } = await near.messages.next();
  assert.deepEqual(value, new Uint8Array([1, 2, 3]));
  near.close(4001, "done");
  assert.deepEqual(await far.closed, { kind: "closed", by: "peer", code: 4001, reason: "done" });
  assert.deepEqual(await near.closed, { kind: "closed", by: "us", code: 4001, reason: "done" });
  assert.equal((await far.messages.next()).done, true);
  await assert.rejects(near.send("late"), { name: "PeerError", code: "closed" });
});

Deno.test("PeerSocket passes any messages on, in their sequence and as they were", async () => {
  await using server = new SocketServer({ messageBytes: 4_096, queueBytes: 8_192 });
  const [near, far] = await server.pair();
  const message = fc.oneof(
    fc.string({ unit: "binary", maxLength: 1_000 }),
    fc.uint8Array({ maxLength: 4_096 }),
  );
  const property = fc.asyncProperty(fc.array(message, { maxLength: 40 }), async (messages) => {
    const sent = messages.map((message) => near.send(message));
    for (const message of messages) assert.deepEqual((await far.messages.next()).value, message);
    await Promise.all(sent);
  });
  await fc.assert(property, { numRuns: 30 });
  near.close();
  await far.closed;
});

Deno.test("PeerSocket.send() sends a message that was written once over several sockets", async () => {
  await using server = new SocketServer();
  const pairs = [await server.pair(), await server.pair()];
  const message = new WrittenMessage("for everybody: ü");
  for (const [near] of pairs) {
    await near.send(message);
    await near.send(message);
  }
  for (const [near, far] of pairs) {
    for (let i = 0; i < 2; i++) assert.equal((await far.messages.next()).value, "for everybody: ü");
    near.close();
    await far.closed;
  }
  assert.throws(() => new WrittenMessage("\ud800"), TypeError);
});
