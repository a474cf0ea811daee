import assert from "node:assert/strict";
import { generateSigner } from "../../../runtime/core/key.ts";
import type { PeerCode } from "../../../runtime/peer/mod.ts";
import { readUpgrade } from "../../../runtime/peer/relay/mod.ts";
import { answerUpgrade } from "../../../runtime/peer/socket/accept_socket.ts";
import type { PeerSocket } from "../../../runtime/peer/socket/mod.ts";
import { EvilRelay, type Pass } from "./evil_relay.ts";

const flip = (frame: Uint8Array) => frame.map((byte, i) => i === 12 ? byte ^ 1 : byte);

/** Does something to one frame, and lets all others be. */
function once(pass: Pass): Pass {
  let isDone = false;
  return (frame) => {
    if (isDone) return [frame];
    isDone = true;
    return pass(frame);
  };
}

async function codeOf({ closed }: PeerSocket): Promise<string> {
  const end = await closed;
  return end.kind === "failed" ? end.error.code : end.kind;
}

Deno.test("a relay passes on what it cannot read", async () => {
  const relay = new EvilRelay();
  await relay.open();
  const [near, far] = await relay.pair();
  const secret = "patient 4711 has been told";
  await near.send(secret);
  await far.send(new TextEncoder().encode(secret));
  assert.equal((await far.messages.next()).value, secret);
  assert.deepEqual((await near.messages.next()).value, new TextEncoder().encode(secret));
  const seen = relay.seen.map((frame) => new TextDecoder("latin1").decode(frame)).join("\n");
  assert.ok(seen.includes("/room"), "the control: what is not sealed can be read");
  for (const part of [secret, "4711", "patient"]) assert.ok(!seen.includes(part));
  near.close();
  await far.closed;
  relay.close();
});

const ATTACKS: Record<string, { pass(earlier: Uint8Array): Pass; code: PeerCode }> = {
  "changes a byte": { pass: () => (frame) => [flip(frame)], code: "bad_frame" },
  "cuts the end off": { pass: () => (frame) => [frame.subarray(0, -1)], code: "bad_frame" },
  "sends one again": { pass: () => (frame) => [frame, frame], code: "out_of_sequence" },
  "sends an earlier one": { pass: (earlier) => () => [earlier], code: "out_of_sequence" },
  "keeps one back": { pass: () => () => [], code: "out_of_sequence" },
  "adds one of its own": {
    pass: () => (frame) => [new Uint8Array(40), frame],
    code: "out_of_sequence",
  },
};

for (const [attack, { pass, code }] of Object.entries(ATTACKS)) {
  for (const direction of ["toHidden", "toCaller"] as const) {
    Deno.test(`a relay that ${attack} ${direction} ends the socket with ${code}`, async () => {
      const relay = new EvilRelay();
      await relay.open();
      const [near, far] = await relay.pair();
      const [from, to] = direction === "toHidden" ? [near, far] : [far, near];
      await from.send("one");
      assert.equal((await to.messages.next()).value, "one");
      relay[direction] = once(pass(relay.seen.at(-1)!));
      await from.send("two");
      await from.send("three").catch(() => {});
      assert.equal(await codeOf(to), code);
      relay.close();
    });
  }
}

Deno.test("a relay that sends nothing on is left when the time for a handshake is over", async () => {
  const relay = new EvilRelay({ handshakeMs: 50 });
  await relay.open();
  relay.toHidden = () => [];
  await assert.rejects(relay.connect(), { name: "PeerError", code: "silent" });
  relay.close();
});

Deno.test("a relay that answers in the agent's stead is not believed", async () => {
  const relay = new EvilRelay();
  await relay.open();
  const own = generateSigner();
  let upgrade: Uint8Array | undefined;
  relay.toHidden = (frame) => {
    upgrade ??= frame;
    return [frame];
  };
  relay.toCaller = once(() => [answerUpgrade(readUpgrade(upgrade!), { signer: own }).hello]);
  await assert.rejects(relay.connect(), { name: "PeerError", code: "unknown_key" });
  relay.close();
});

Deno.test("a relay that puts its own half of a key into the handshake is not believed", async (t) => {
  const edit = (bytes: Uint8Array, change: (text: string) => string) =>
    new TextEncoder().encode(change(new TextDecoder().decode(bytes)));
  const half = (text: string) => text.replace(/x25519=:....:?/, "x25519=:AAAA");
  await t.step("the caller's", async () => {
    const relay = new EvilRelay();
    await relay.open();
    relay.toHidden = once((frame) => [edit(frame, half)]);
    await assert.rejects(relay.connect(), { name: "PeerError", code: "unreachable" });
    assert.deepEqual(relay.refused, ["bad_signature"]);
    relay.close();
  });
  await t.step("the agent's", async () => {
    const relay = new EvilRelay();
    await relay.open();
    relay.toCaller = once((frame) => [edit(frame, half)]);
    await assert.rejects(relay.connect(), { name: "PeerError", code: "bad_signature" });
    relay.close();
  });
  await t.step("or another path", async () => {
    const relay = new EvilRelay();
    await relay.open();
    relay.toHidden = once((frame) => [edit(frame, (text) => text.replace("/room", "/safe"))]);
    await assert.rejects(relay.connect(), { name: "PeerError", code: "unreachable" });
    assert.deepEqual(relay.refused, ["bad_signature"]);
    relay.close();
  });
});

Deno.test("a relay that floods an agent ends nothing but its own way", async () => {
  const relay = new EvilRelay();
  await relay.open();
  const [near, far] = await relay.pair();
  // Before the upgrade, without one, and after all of it: ways that nobody asked for.
  await relay.bring(new Uint8Array(10_000), 900);
  await relay.bring(new Uint8Array(20), 900);
  await near.send("still here");
  assert.equal((await far.messages.next()).value, "still here");
  for (let i = 0; i < 100; i++) await relay.bring(new Uint8Array(1_000));
  assert.equal(await codeOf(far), "out_of_sequence");
  relay.close();
});
