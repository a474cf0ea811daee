import assert from "node:assert/strict";
import { loadAgentKey } from "../../../runtime/agent/state/agent_key.ts";
import { statePaths } from "../../../runtime/agent/state/state_dir.ts";
import { channelPath } from "../../../runtime/agent/peers/channels/channel_service.ts";
import { generateSigner, type Signer } from "../../../runtime/core/key.ts";
import { connectSocket } from "../../../runtime/peer/socket/mod.ts";
import type { TestAgent } from "../agent_fixture.ts";
import { begin, ChannelOffice, emitted } from "./office.ts";

const OPENS = `export default {
  async run({ name = "room", to, bytes, open = 1, keep }, ctx) {
    if (ctx.channel === undefined) return "no channel";
    try {
      for (let i = 1; i < open; i++) await ctx.channel(name);
      const channel = await ctx.channel(name);
      ctx.emit("open");
      if (bytes) return await channel.send(new Uint8Array(bytes), { to });
      if (keep) for await (const { type } of channel) if (type === "left") break;
      await channel.close();
      return await channel.send(1);
    } catch ({ name, code }) {
      return name + " " + code;
    }
  },
};`;

async function said(test: TestAgent, input: unknown): Promise<unknown> {
  const { outcome } = await test.ended(await begin(test, input));
  return (outcome as { result?: unknown }).result;
}

Deno.test("ctx.channel keeps to the grant", async (t) => {
  await using office = new ChannelOffice(OPENS);
  const none = await office.join(null);
  const some = await office.join({ names: ["room"], messageBytes: 1_000 });
  await t.step("that lends none", async () => {
    assert.equal(await said(none, {}), "no channel");
  });
  await t.step("that names another", async () => {
    assert.equal(await said(some, { name: "other" }), "CapabilityError not_granted");
    assert.equal(await said(some, { name: "room" }), "CapabilityError not_found");
  });
  await t.step("of a name that is none", async () => {
    for (const name of ["", "Room", "../x", "x".repeat(65), 7, null]) {
      assert.equal(await said(some, { name }), "CapabilityError invalid", String(name));
    }
  });
  await t.step("of the longest message", async () => {
    assert.equal(await said(some, { bytes: 1_000 }), 0, "nobody else is there");
    assert.equal(await said(some, { bytes: 1_001 }), "CapabilityError too_long");
  });
  await t.step("of whom to send to", async () => {
    for (const to of ["agent-1", none.agent.id, "nobody"]) {
      assert.equal(await said(some, { bytes: 1, to }), "CapabilityError unavailable");
    }
  });
  await t.step("of how many may be open", async () => {
    assert.equal(await said(some, { open: 8 }), "CapabilityError not_found");
    assert.equal(await said(some, { open: 9 }), "CapabilityError quota");
  });
});

Deno.test("an agent lets into a channel whom its own grant admits, and nobody else", async (t) => {
  await using office = new ChannelOffice(OPENS);
  const here = await office.join({ names: ["room", "hall"], peers: ["desk"], members: 2 });
  const peer = await office.join(null);
  const run = await begin(here, { keep: true });
  await emitted(here, run, "open");
  const key = loadAgentKey(statePaths(peer.stateDir).key);
  const { script } = here.fleet;
  const { id: recipient, url } = here.agent;
  const knock = (signer: Signer, path: string) => connectSocket(url + path, { signer, recipient });
  const refusals: Record<string, [Signer, string]> = {
    "a stranger": [generateSigner(), channelPath(script, "room")],
    "a channel that nobody has open": [key, channelPath(script, "hall")],
    "a channel that is not granted": [key, channelPath(script, "attic")],
    "another script's": [key, channelPath("acme/other", "room")],
  };
  for (const [who, [signer, path]] of Object.entries(refusals)) {
    await t.step(`not ${who}`, async () => {
      const refused = { name: "PeerError", code: "unreachable" };
      await assert.rejects(knock(signer, path), refused);
    });
  }
  await t.step("control: a peer, with the label, where it is open", async () => {
    const socket = await knock(key, channelPath(script, "room"));
    socket.close();
    await here.ended(run);
  });
});

Deno.test("an agent without the label that a grant asks for stays outside", async () => {
  await using office = new ChannelOffice(OPENS);
  const here = await office.join({ peers: ["kitchen"] });
  const peer = await office.join(null);
  await emitted(here, await begin(here, { keep: true }), "open");
  const signer = loadAgentKey(statePaths(peer.stateDir).key);
  const url = here.agent.url + channelPath(here.fleet.script, "room");
  const refused = connectSocket(url, { signer, recipient: here.agent.id });
  await assert.rejects(refused, { name: "PeerError", code: "unreachable" });
});

Deno.test("a peer that asks too early for a channel is no refusal to be written down", async () => {
  await using office = new ChannelOffice(OPENS);
  const here = await office.join({ names: ["room"] });
  const peer = await office.join(null);
  const signer = loadAgentKey(statePaths(peer.stateDir).key);
  const refusedAfter = async (name: string) => {
    const url = here.agent.url + channelPath(here.fleet.script, name);
    await assert.rejects(connectSocket(url, { signer, recipient: here.agent.id }));
    const { rows } = await (await here.ask("/v1/audit")).json();
    return rows.filter(({ event }: { event: string }) => event === "call_refused").length;
  };
  assert.equal(await refusedAfter("room"), 0);
  // The control: one that the grant does not name.
  assert.equal(await refusedAfter("attic"), 1);
});
