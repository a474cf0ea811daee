import assert from "node:assert/strict";
import { SOCKET_LIMITS } from "../../../runtime/peer/socket/mod.ts";
import { FrameSealer } from "../../../runtime/peer/socket/frame_cipher.ts";
import { writeFrame } from "../../../runtime/peer/socket/frame.ts";
import { PeerSocket } from "../../../runtime/peer/socket/peer_socket.ts";
import { SocketServer } from "./socket_fixture.ts";
import { near as nearKey, tamperedPair, wirePair } from "./wires.ts";
import { within } from "../../within.ts";

const KEYS = { send: new Uint8Array(32).fill(1), receive: new Uint8Array(32).fill(2) };

/** A socket whose other side is a test that has the keys, and keeps to no rule. */
function rudePeer(settings = {}) {
  const [wire, other] = wirePair();
  const socket = new PeerSocket(wire, KEYS, nearKey.publicKey, settings);
  wire.listen({
    opened() {},
    frame: (frame) => socket.take(frame),
    gone: () => socket.lose(),
  });
  other.listen({ opened() {}, frame() {}, gone() {} });
  const sealer = new FrameSealer(KEYS.receive);
  const send = (frame: Parameters<typeof writeFrame>[0]) =>
    other.send(sealer.seal(writeFrame(frame)));
  const sendRaw = (content: Uint8Array) => other.send(sealer.seal(content));
  const code = async () => {
    const end = await within(socket.closed, "the end of the socket");
    return end.kind === "failed" ? end.error.code : end.kind;
  };
  return { socket, send, sendRaw, code, heard: wire.sent };
}

const OPEN = { kind: "open", queueBytes: 10_000, messageBytes: 1_000 } as const;

Deno.test("PeerSocket refuses settings whose queue holds no message", () => {
  const messageBytes = 1_000;
  const least = messageBytes + SOCKET_LIMITS.MESSAGE_OVERHEAD;
  rudePeer({ messageBytes, queueBytes: least }).socket.lose();
  assert.throws(() => rudePeer({ messageBytes, queueBytes: least - 1 }), RangeError);
});

Deno.test("PeerSocket keeps a slow reader's memory to the room that it gave", async () => {
  const { near, far } = await tamperedPair({ messageBytes: 1_000, queueBytes: 10_640 });
  let sent = 0;
  const message = new Uint8Array(1_000);
  const sending = (async () => {
    for (; sent < 50; sent++) await near.send(message);
  })();
  // Room for ten, and not one is taken.
  while (sent < 10) await Promise.resolve();
  for (let i = 0; i < 50; i++) {
    assert.equal(((await far.messages.next()).value as Uint8Array).length, 1_000);
    assert.ok(sent <= i + 1 + 11, `${sent} were sent when ${i + 1} were taken`);
  }
  await sending;
  near.close();
  await far.closed;
});

Deno.test("PeerSocket.send() takes the longest message and refuses one byte more", async () => {
  const { near, far } = await tamperedPair({ messageBytes: 1_000 });
  await near.send(new Uint8Array(1_000));
  await assert.rejects(near.send(new Uint8Array(1_001)), { name: "PeerError", code: "too_long" });
  await assert.rejects(near.send("\ud800"), TypeError);
  near.close();
  await far.closed;
});

Deno.test("PeerSocket.send() refuses to keep more than may wait", async () => {
  const { near, far } = await tamperedPair({ messageBytes: 1 << 20, queueBytes: 2 << 20 });
  const message = new Uint8Array(1 << 20);
  const sends = Array.from({ length: 20 }, () => near.send(message).then(() => "sent", codeOf));
  near.close();
  const results = await Promise.all(sends);
  assert.equal(results.filter((result) => result === "sent").length, 1);
  assert.equal(results.filter((result) => result === "closed").length, 15);
  assert.equal(results.filter((result) => result === "queue_full").length, 4);
  await far.closed;
});

Deno.test("PeerSocket ends with who keeps to no bound", async (t) => {
  const settings = { messageBytes: 1_000, queueBytes: 10_000 };
  const message = (length: number) =>
    ({ kind: "message", message: new Uint8Array(length) }) as const;
  await t.step("control: who keeps to all of them goes on", async () => {
    const { socket, send } = rudePeer(settings);
    send(OPEN);
    await socket.ready;
    send(message(1_000));
    send({ kind: "ping" });
    assert.equal(((await socket.messages.next()).value as Uint8Array).length, 1_000);
    socket.close();
  });
  await t.step("a message one byte too long", async () => {
    const { send, code } = rudePeer(settings);
    send(OPEN);
    send(message(1_001));
    assert.equal(await code(), "too_long");
  });
  await t.step("a frame that no message needs is not even opened", async () => {
    const { send, code } = rudePeer(settings);
    send(OPEN);
    send(message(100_000));
    assert.equal(await code(), "too_long");
  });
  await t.step("more messages than there is room for", async () => {
    const { send, code } = rudePeer(settings);
    send(OPEN);
    for (let i = 0; i < 10; i++) send(message(1_000));
    assert.equal(await code(), "flooded");
  });
  await t.step("empty messages without end", async () => {
    const { send, code } = rudePeer(settings);
    send(OPEN);
    for (let i = 0; i <= settings.queueBytes / SOCKET_LIMITS.MESSAGE_OVERHEAD; i++) {
      send(message(0));
    }
    assert.equal(await code(), "flooded");
  });
  await t.step("room that was never taken", async () => {
    const { send, code } = rudePeer(settings);
    send(OPEN);
    send({ kind: "credit", bytes: 1 });
    assert.equal(await code(), "bad_frame");
  });
  await t.step("a message before it has opened", async () => {
    const { send, code } = rudePeer(settings);
    send(message(1));
    assert.equal(await code(), "bad_frame");
  });
  await t.step("opening twice", async () => {
    const { send, code } = rudePeer(settings);
    send(OPEN);
    send(OPEN);
    assert.equal(await code(), "bad_frame");
  });
  await t.step("a queue that holds no message", async () => {
    const { send, code } = rudePeer(settings);
    send({ kind: "open", queueBytes: 10, messageBytes: 1_000 });
    assert.equal(await code(), "bad_frame");
  });
  await t.step("frames of no form", async () => {
    for (const bad of [[], [0], [3, 0], [4, 1], [6], [7], [2, 0xff]]) {
      const { send, sendRaw, code } = rudePeer(settings);
      send(OPEN);
      sendRaw(new Uint8Array(bad));
      assert.equal(await code(), "bad_frame", `[${bad}]`);
    }
  });
});

Deno.test("PeerSocket notices silence, and keeps a quiet socket whose other side is there", async () => {
  const { socket, send, code } = rudePeer({ idleMs: 80 });
  send(OPEN);
  await socket.ready;
  assert.equal(await code(), "silent");
  const { near, far, nearWire } = await tamperedPair({ idleMs: 80 });
  // Far more of what keeps it alive, and nothing else, than goes into the time for silence.
  await new Promise<void>((resolve) => {
    nearWire.tamper = (frame) => {
      if (nearWire.sent.length > 20) resolve();
      return [frame];
    };
  });
  await near.send("still here");
  assert.equal((await far.messages.next()).value, "still here");
  near.close();
  await far.closed;
});

Deno.test("PeerSocket answers a flood of pings once", async () => {
  const { socket, send, heard } = rudePeer();
  send(OPEN);
  await socket.ready;
  const before = heard.length;
  for (let i = 0; i < 100; i++) send({ kind: "ping" });
  send({ kind: "message", message: "the last" });
  assert.equal((await socket.messages.next()).value, "the last");
  assert.equal(heard.length, before + 1);
  socket.close();
});

Deno.test("acceptSocket() gives no more places than there are, and takes them back", async () => {
  await using server = new SocketServer({}, { total: 3, perPeer: 2 });
  const first = await server.pair();
  const second = await server.pair();
  await assert.rejects(server.connect(), { name: "PeerError", code: "unreachable" });
  assert.deepEqual(server.refused, ["no_place"]);
  first[0].close();
  await first[1].closed;
  const third = await server.pair();
  for (const [near, far] of [second, third]) {
    near.close();
    await far.closed;
  }
});

function codeOf(error: unknown): string {
  return (error as { code: string }).code;
}
