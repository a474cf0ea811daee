import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { PeerCode } from "../../../runtime/peer/mod.ts";
import type { PeerSocket } from "../../../runtime/peer/socket/mod.ts";
import { type Tamper, tamperedPair } from "./wires.ts";

const flip = (frame: Uint8Array, at: number) => frame.map((byte, i) => i === at ? byte ^ 1 : byte);

/** Sends three messages, the second of which is tampered with. */
const ATTACKS: Record<string, { tamper: (earlier: Uint8Array) => Tamper; code: PeerCode }> = {
  "a byte of the content": { tamper: () => (f) => [flip(f, 12)], code: "bad_frame" },
  "a byte of the tag": { tamper: () => (f) => [flip(f, f.length - 1)], code: "bad_frame" },
  "its number": { tamper: () => (f) => [flip(f, 7)], code: "out_of_sequence" },
  "its end cut off": { tamper: () => (f) => [f.subarray(0, -1)], code: "bad_frame" },
  "all but its number cut off": { tamper: () => (f) => [f.subarray(0, 8)], code: "bad_frame" },
  "nothing in its stead": { tamper: () => () => [], code: "out_of_sequence" },
  "an empty frame in its stead": { tamper: () => () => [new Uint8Array()], code: "bad_frame" },
  "itself twice": { tamper: () => (f) => [f, f], code: "out_of_sequence" },
  "an earlier one in its stead": { tamper: (earlier) => () => [earlier], code: "out_of_sequence" },
  "an earlier one with its number": {
    tamper: (earlier) => (f) => {
      const forged = earlier.slice();
      forged.set(f.subarray(0, 8));
      return [forged];
    },
    code: "bad_frame",
  },
};

for (const [change, { tamper, code }] of Object.entries(ATTACKS)) {
  Deno.test(`PeerSocket ends with ${code} at a frame with ${change}`, async () => {
    const { near, far, nearWire } = await tamperedPair();
    await near.send("one");
    nearWire.tamper = once(tamper(nearWire.sent.at(-1)!));
    await near.send("two");
    // By then the socket may be over.
    await near.send("three").catch(() => {});
    assert.equal((await far.messages.next()).value, "one");
    const taken = await textsOf(far);
    assert.ok(!taken.includes("three"), "nothing is taken after what was changed");
    await endsWith(far, code);
  });
}

Deno.test("PeerSocket goes on when nobody touches its frames", async () => {
  const { near, far, nearWire } = await tamperedPair();
  for (const text of ["one", "two", "three"]) await near.send(text);
  near.close();
  assert.deepEqual(await textsOf(far), ["one", "two", "three"]);
  assert.ok(nearWire.sent.length >= 5, "all of it passed the wire of the test");
});

Deno.test("PeerSocket refuses its own frames, sent back to it", async () => {
  const { near, far, nearWire } = await tamperedPair();
  nearWire.tamper = (frame) => {
    nearWire.bring(frame);
    return [frame];
  };
  await near.send("look");
  assert.equal((await far.messages.next()).value, "look");
  const end = await near.closed;
  assert.ok(end.kind === "failed" && ["bad_frame", "out_of_sequence"].includes(end.error.code));
});

Deno.test("PeerSocket refuses frames of another socket between the same two", async () => {
  const first = await tamperedPair();
  const second = await tamperedPair();
  await first.near.send("pay 5");
  second.nearWire.tamper = once(() => [first.nearWire.sent.at(-1)!]);
  await second.near.send("pay 6");
  await endsWith(second.far, "bad_frame");
  assert.equal((await first.far.messages.next()).value, "pay 5");
  for (const { near } of [first, second]) near.close();
});

Deno.test("PeerSocket shows nobody on the way what it sends", async () => {
  const { near, far, nearWire } = await tamperedPair();
  const secret = "the pin is 4711";
  await near.send(secret);
  near.close(4000, secret);
  assert.deepEqual(await textsOf(far), [secret]);
  const seen = nearWire.sent.map((frame) => new TextDecoder("latin1").decode(frame)).join("\n");
  assert.ok(!seen.includes("4711"), "the secret is on the wire");
});

Deno.test("PeerSocket ends with cut_off when the wire does, and not when it was closed", async () => {
  const { near, far, nearWire } = await tamperedPair();
  nearWire.close();
  await endsWith(near, "cut_off");
  await endsWith(far, "cut_off");
  const other = await tamperedPair();
  other.near.close(3000, "bye");
  assert.deepEqual(await other.far.closed, {
    kind: "closed",
    by: "peer",
    code: 3000,
    reason: "bye",
  });
});

Deno.test("PeerSocket takes any frames of a stranger for what they are", async () => {
  const property = fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (frame) => {
    const { near, far, farWire } = await tamperedPair();
    farWire.bring(frame);
    const end = await far.closed;
    assert.ok(end.kind === "failed" && ["bad_frame", "out_of_sequence"].includes(end.error.code));
    await near.closed;
  });
  await fc.assert(property, { numRuns: 50 });
});

/** Tampers with the next frame alone. */
function once(tamper: Tamper): Tamper {
  let isDone = false;
  return (frame) => {
    if (isDone) return [frame];
    isDone = true;
    return tamper(frame);
  };
}

/** What is taken until the end, which may be an error. */
async function textsOf(socket: PeerSocket): Promise<unknown[]> {
  const texts: unknown[] = [];
  try {
    for await (const message of socket.messages) texts.push(message);
  } catch {
    // How it ended is looked at by the test.
  }
  return texts;
}

async function endsWith({ closed }: PeerSocket, code: PeerCode): Promise<void> {
  const end = await closed;
  assert.equal(end.kind === "failed" ? end.error.code : end.kind, code);
}
