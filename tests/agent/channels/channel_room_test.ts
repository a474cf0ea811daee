import assert from "node:assert/strict";
import type { ChannelEvent } from "../../../runtime/capabilities/channel.ts";
import { ChannelMember } from "../../../runtime/agent/peers/channels/channel_member.ts";
import { ChannelRoom } from "../../../runtime/agent/peers/channels/channel_room.ts";
import { Redialer } from "../../../runtime/agent/peers/redialer.ts";
import { channelRules, type ChannelSettings } from "../../../runtime/core/documents/channel.ts";
import type { KeyId } from "../../../runtime/core/documents/common.ts";
import { keyId } from "../../../runtime/core/key.ts";
import { PeerError } from "../../../runtime/peer/mod.ts";
import type { PeerSocket } from "../../../runtime/peer/socket/mod.ts";
import {
  far as farKey,
  near as nearKey,
  type TamperedPair,
  tamperedPair,
} from "../../peer/socket/wires.ts";

const NEAR = keyId(nearKey.publicKey);
const FAR = keyId(farKey.publicKey);

/** A room on each of two agents, which reach each other unless the test says otherwise. */
class Rooms {
  readonly near = this.#make(NEAR, FAR);
  readonly far = this.#make(FAR, NEAR);
  /** Sockets that were opened, in their sequence. */
  readonly pairs: TamperedPair[] = [];
  reachable = { [NEAR]: true, [FAR]: true } as Record<KeyId, boolean>;

  #make(self: KeyId, other: KeyId, settings: ChannelSettings = {}): ChannelRoom {
    return new ChannelRoom({
      self,
      rules: channelRules(settings),
      candidates: () => [other],
      connect: async (peer) => {
        // A handshake takes a moment, in which the other side may call, too.
        const pair = await tamperedPair();
        const target = peer === NEAR ? this.near : this.far;
        if (!this.reachable[peer] || !target.admits(self)) {
          pair.near.close();
          throw new PeerError("unreachable", "the test has it so");
        }
        this.pairs.push(pair);
        const [mine, theirs] = self === NEAR ? [pair.near, pair.far] : [pair.far, pair.near];
        void target.expect(self, Promise.resolve(theirs));
        return mine;
      },
      onEmpty() {},
    });
  }
}

/** The next events of a member. */
async function take(member: ChannelMember, count: number): Promise<ChannelEvent[]> {
  const events = [];
  for (let i = 0; i < count; i++) events.push((await member.next())!);
  return events;
}

Deno.test("two rooms that call each other at the same moment have one connection", async () => {
  for (let round = 0; round < 20; round++) {
    const rooms = new Rooms();
    const [near, far] = [rooms.near.join(), rooms.far.join()];
    assert.deepEqual(await take(near, 1), [{ type: "joined", peer: FAR }]);
    assert.deepEqual(await take(far, 1), [{ type: "joined", peer: NEAR }]);
    assert.equal(await near.send("one", undefined), 1);
    assert.deepEqual(await take(far, 1), [{ type: "message", peer: NEAR, message: "one" }]);
    assert.equal(await far.send("two", NEAR), 1);
    assert.deepEqual(await take(near, 1), [{ type: "message", peer: FAR, message: "two" }]);
    near.close();
    assert.deepEqual(await take(far, 1), [{ type: "left", peer: NEAR }]);
    far.close();
  }
});

Deno.test("ChannelRoom is reached by who cannot be reached itself", async () => {
  const rooms = new Rooms();
  rooms.reachable[FAR] = false;
  const [near, far] = [rooms.near.join(), rooms.far.join()];
  assert.deepEqual(await take(near, 1), [{ type: "joined", peer: FAR }]);
  for (const member of [near, far]) member.close();
});

Deno.test("ChannelRoom tells one that comes later who is there, and who goes", async () => {
  const rooms = new Rooms();
  const [near, far] = [rooms.near.join(), rooms.far.join()];
  await take(near, 1);
  const later = rooms.near.join();
  assert.deepEqual(await take(later, 1), [{ type: "joined", peer: FAR }]);
  assert.deepEqual(later.peers, [FAR]);
  far.close();
  assert.deepEqual(await take(later, 1), [{ type: "left", peer: FAR }]);
  assert.equal(await near.send("nobody hears", undefined), 0);
  await assert.rejects(near.send("nobody", FAR), { name: "PeerError", code: "closed" });
  for (const member of [near, later]) member.close();
});

Deno.test("ChannelMember keeps no more than its queue, and leaves who takes nothing", async () => {
  const left: ChannelMember[] = [];
  const channel = {
    peers: [],
    send: () => Promise.resolve(0),
    leave: (member: ChannelMember) => void left.push(member),
  };
  const event = (message: string): ChannelEvent => ({ type: "message", peer: FAR, message });
  const member = new ChannelMember(channel, { queueBytes: 300, slowMs: 60_000 });
  await member.put(event("x".repeat(200)));
  let isIn = false;
  const second = member.put(event("y".repeat(200))).then(() => isIn = true);
  await Promise.resolve();
  assert.equal(isIn, false);
  await member.next();
  await second;
  member.close();
  assert.equal(await member.next(), undefined);

  const slow = new ChannelMember(channel, { queueBytes: 300, slowMs: 20 });
  await slow.put(event("x".repeat(200)));
  // It is not kept, and whoever sent it is not held up any longer.
  await slow.put(event("y".repeat(200)));
  await assert.rejects(slow.next(), { name: "PeerError", code: "flooded" });
  assert.deepEqual(left, [member, slow]);
});

Deno.test("Redialer calls who is wanted, no more at once than there is room for", async () => {
  const calls: KeyId[] = [];
  const under = new Set<KeyId>();
  let most = 0;
  const all = Promise.withResolvers<void>();
  const connected = new Set<KeyId>();
  const peers = Array.from({ length: 6 }, (_, i) => `writ-key:${i}` as KeyId);
  using redialer = new Redialer({
    wanted: () => peers.filter((peer) => !connected.has(peer)),
    room: () => 2,
    async dial(peer) {
      calls.push(peer);
      under.add(peer);
      most = Math.max(most, under.size);
      await Promise.resolve();
      under.delete(peer);
      // The first call fails; the second comes later.
      if (calls.filter((call) => call === peer).length === 1) throw new Error("not there");
      connected.add(peer);
      if (connected.size === peers.length) all.resolve();
    },
  });
  redialer.look();
  await all.promise;
  assert.equal(most, 2);
  assert.equal(calls.length, 12);
});

Deno.test("two rooms whose calls crossed keep the same one, in whatever sequence they come", async () => {
  const room = (self: KeyId, other: KeyId, socket: Promise<PeerSocket>) =>
    new ChannelRoom({
      self,
      rules: channelRules({}),
      candidates: () => [other],
      connect: () => socket,
      onEmpty() {},
    });
  // What each side learns first: its own call, or the other's.
  for (const nearFirst of [true, false]) {
    for (const farFirst of [true, false]) {
      const [byNear, byFar] = [await tamperedPair(), await tamperedPair()];
      const [nearCall, farCall] = [
        Promise.withResolvers<PeerSocket>(),
        Promise.withResolvers<PeerSocket>(),
      ];
      const near = room(NEAR, FAR, nearCall.promise);
      const far = room(FAR, NEAR, farCall.promise);
      const [a, b] = [near.join(), far.join()];
      const nearSteps = [
        () => nearCall.resolve(byNear.near),
        () => near.expect(FAR, Promise.resolve(byFar.near)),
      ];
      const farSteps = [
        () => farCall.resolve(byFar.far),
        () => far.expect(NEAR, Promise.resolve(byNear.far)),
      ];
      for (const step of nearFirst ? nearSteps : nearSteps.reverse()) await step();
      for (const step of farFirst ? farSteps : farSteps.reverse()) await step();
      const [kept, lost] = NEAR < FAR ? [byNear, byFar] : [byFar, byNear];
      await Promise.all([lost.near.closed, lost.far.closed]);
      await a.send("kept", FAR);
      while ((await b.next())?.type !== "message");
      assert.deepEqual([near.peers, far.peers], [[FAR], [NEAR]]);
      for (const member of [a, b]) member.close();
      await Promise.all([kept.near.closed, kept.far.closed]);
    }
  }
});

Deno.test("ChannelRoom keeps the sequence of messages that wait for the rate of the grant", async () => {
  const rooms = new Rooms();
  const [near, far] = [rooms.near.join(), rooms.far.join()];
  await take(near, 1);
  await take(far, 1);
  const COUNT = 60;
  const sent = [];
  for (let i = 0; i < COUNT; i++) {
    sent.push(near.send(String(i).padEnd(400), FAR));
    // Time passes while timers cannot fire, as on a busy machine.
    for (const end = performance.now() + i % 3 * 0.45; performance.now() < end;);
    await Promise.resolve();
  }
  await Promise.all(sent);
  const came = (await take(far, COUNT)).flatMap((event) =>
    event.type === "message" ? Number(event.message) : []
  );
  assert.deepEqual(came, [...came].sort((a, b) => a - b));
  near.close();
  far.close();
});
