import assert from "node:assert/strict";
import { loadAgentKey } from "../../runtime/agent/state/agent_key.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { parseEnrolToken } from "../../runtime/agent/hub_link/enrol_token.ts";
import { hubPath } from "../../runtime/agent/hub_link/wire.ts";
import { sandboxRunner } from "../../runtime/agent/cells/sandbox_runner.ts";
import type { Advert } from "../../runtime/core/documents/advert.ts";
import type { KeyId } from "../../runtime/core/documents/common.ts";
import { sealDocument } from "../../runtime/core/dsse.ts";
import { generateSigner, type Signer } from "../../runtime/core/key.ts";
import {
  EXCHANGE_BYTES,
  EXCHANGE_PATH,
  RESOLVE_PATH,
  writeAdverts,
} from "../../runtime/peer/membership/wire.ts";
import { RELAY_PATH, RELAY_SOCKET, WAYS_PATH } from "../../runtime/peer/relay/mod.ts";
import { connectSocket, type PeerSocket } from "../../runtime/peer/socket/mod.ts";
import type { HubEntry } from "../../runtime/policy/mod.ts";
import { TestAgent } from "../agent/agent_fixture.ts";
import { begin, fleetWith, resultOf } from "../agent/channels/office.ts";
import { instant } from "../agent/fixture.ts";
import { TestHub, WHO } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";
import { testInBothStores } from "./stores.ts";

/** What an agent says of itself. */
function advertOf(signer: Signer, change: Partial<Advert> = {}): Uint8Array {
  const now = Date.now();
  const advert: Advert = {
    ...{ key: signer.publicKey, fleet: "test", sequence: now },
    ...{ addresses: ["https://10.0.0.7:8443"], relays: [], groups: [], scripts: [] },
    ...{ issued: instant(now - 1_000), expires: instant(now + 3_600_000), ...change },
  };
  return sealDocument("advert", advert, [signer]);
}

/** Asks the hub as an agent does. */
async function ask(agent: RawAgent, path: string, body: unknown) {
  const bytes = await agent.client.post(path.slice(1), body, EXCHANGE_BYTES);
  return JSON.parse(new TextDecoder().decode(bytes));
}

const tell = (agent: RawAgent, advert = advertOf(agent.signer)) =>
  ask(agent, EXCHANGE_PATH, writeAdverts([advert]));
const find = (agent: RawAgent, sought: KeyId) => ask(agent, RESOLVE_PATH, { agent: sought });

/** Asks the hub for a socket. */
function knock(hub: TestHub, tenant: string, path: string, signer: Signer): Promise<PeerSocket> {
  const { url, id: recipient } = hub.hub;
  const at = `${url}${hubPath(tenant, path.slice(1))}`;
  return connectSocket(at, { ...RELAY_SOCKET, signer, recipient });
}

const REFUSED = { name: "PeerError", code: "unreachable" };
const FORBIDDEN = { name: "AgentError", code: "hub_refused" };

testInBothStores("agents meet at their hub", {
  "and are told of others of their tenant that are approved": async (database) => {
    await using hub = await TestHub.start({ database });
    using one = await RawAgent.enrolled(hub);
    using two = await RawAgent.enrolled(hub);
    using waiting = await RawAgent.enrolled(hub, "box", false);
    assert.deepEqual(await tell(one), { adverts: [] });
    const { adverts } = await tell(two);
    assert.deepEqual(adverts.length, 1);
    assert.deepEqual(await find(two, one.id), { advert: adverts[0] });
    assert.deepEqual(await find(two, waiting.id), { advert: null });
    await assert.rejects(tell(waiting), FORBIDDEN);
    await hub.services.agents.revoke("acme", WHO, one.id, "lost");
    assert.deepEqual(await find(two, one.id), { advert: null });
    await assert.rejects(find(one, two.id), FORBIDDEN);
  },
  "and take from each what it says of itself alone": async (database) => {
    await using hub = await TestHub.start({ database });
    using one = await RawAgent.enrolled(hub);
    using two = await RawAgent.enrolled(hub);
    const bad = {
      "another agent's": advertOf(two.signer),
      "a stranger's": advertOf(generateSigner()),
      "one of another fleet": advertOf(one.signer, { fleet: "other" }),
      "one that is over": advertOf(one.signer, { expires: instant(Date.now() - 500) }),
    };
    for (const [what, advert] of Object.entries(bad)) {
      await assert.rejects(tell(one, advert), FORBIDDEN, what);
    }
    assert.deepEqual(await find(two, one.id), { advert: null });
    const newer = advertOf(one.signer, { sequence: Date.now() + 10 });
    await tell(one, newer);
    await tell(one, advertOf(one.signer, { sequence: 5 }));
    assert.deepEqual(await find(two, one.id), { advert: writeAdverts([newer]).adverts[0] });
  },
  "which knows of no way from one tenant to another": async (database) => {
    await using hub = await TestHub.start({ database });
    await hub.addTenant("other");
    using hidden = await RawAgent.enrolled(hub);
    using caller = await RawAgent.enrolled(hub);
    using foreign = await RawAgent.enrolled(hub, "box", true, "other");
    await tell(hidden);
    assert.deepEqual(await tell(foreign), { adverts: [] });
    assert.deepEqual(await find(foreign, hidden.id), { advert: null });
    const kept = await knock(hub, "acme", RELAY_PATH, hidden.signer);
    const way = `${WAYS_PATH}/${hidden.id}`;
    await assert.rejects(knock(hub, "other", way, foreign.signer), REFUSED);
    await assert.rejects(knock(hub, "acme", way, foreign.signer), REFUSED);
    await assert.rejects(knock(hub, "acme", `${WAYS_PATH}/${caller.id}`, caller.signer), REFUSED);
    // The control, and the end of it when the caller is revoked.
    const passed = await knock(hub, "acme", way, caller.signer);
    await hub.services.agents.revoke("acme", WHO, caller.id, "lost");
    assert.equal((await passed.closed).kind, "closed");
    await assert.rejects(knock(hub, "acme", way, caller.signer), REFUSED);
    kept.close();
  },
});

/** Shares a document, or fetches one as soon as it finds who has it. */
const SHARES = `export default {
  async run(input, ctx) {
    if (!input.pull) {
      const { sha256 } = await ctx.blobs.put("x".repeat(300_000));
      return { sha256, ...await ctx.blobs.share(sha256) };
    }
    while (true) {
      try {
        return await ctx.blobs.pull(input.pull);
      } catch (error) {
        if (error.code !== "unavailable") throw error;
      }
    }
  },
};`;

Deno.test("an agent that nobody can reach shares a document through its hub", async () => {
  await using hub = await TestHub.start();
  const labels = new Map<KeyId, string[]>();
  const known: { hub?: Omit<HubEntry, "relay" | "rendezvous"> } = {};
  const start = async (isHidden: boolean) => {
    const fleet = fleetWith({ blobs: { quotaBytes: 1_000_000 }, peers: {} }, SHARES);
    const rules = () =>
      Promise.resolve({
        policy: fleet.policy({ labels: new Map(labels) }),
        sources: [fleet.source()],
        // What the adverts of both say of their own addresses leads nowhere.
        hosts: ["nowhere.invalid"],
        ...(known.hub && { hub: { ...known.hub, rendezvous: true, relay: isHidden } }),
      });
    return await TestAgent.start({ runner: sandboxRunner(), now: Date.now, rules }, fleet);
  };
  await using hidden = await start(true);
  await using caller = await start(false);
  for (const { agent, stateDir } of [hidden, caller]) {
    const { enrolment } = hub.services;
    const { token } = await enrolment.create("acme", WHO, { expiresMs: 60_000, approved: true });
    const { secret, hub: id } = parseEnrolToken(token);
    const { publicKey: key } = loadAgentKey(statePaths(stateDir).key);
    await enrolment.enrol("acme", { secret, key, name: "box" });
    known.hub = { url: hub.hub.url, id, tenant: "acme", others: [], facts: [] };
    labels.set(agent.id, ["office"]);
  }
  for (const { agent } of [hidden, caller]) await agent.reload();
  const shared = await resultOf(hidden, await begin(hidden, {})) as {
    list: string;
    sha256: string;
  };
  const { list, sha256 } = shared;
  const got = await resultOf(caller, await begin(caller, { pull: list }));
  assert.deepEqual(got, { sha256, length: 300_000 });
});
