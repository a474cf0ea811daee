import assert from "node:assert/strict";
import { loadAgentKey } from "../../../runtime/agent/state/agent_key.ts";
import { statePaths } from "../../../runtime/agent/state/state_dir.ts";
import { generateSigner, type Signer } from "../../../runtime/core/key.ts";
import { signedFetch } from "../../../runtime/peer/mod.ts";
import {
  CALLS_PATH,
  connectRelayed,
  RELAY_LIMITS,
  RELAY_PATH,
  RELAY_SOCKET,
  RelayedClient,
  WAYS_PATH,
} from "../../../runtime/peer/relay/mod.ts";
import { connectSocket, type PeerSocket } from "../../../runtime/peer/socket/mod.ts";
import type { TestAgent } from "../agent_fixture.ts";
import { until } from "../../until.ts";
import { RelayedOffice } from "./relayed_office.ts";

const keyOf = (test: TestAgent) => loadAgentKey(statePaths(test.stateDir).key);
const REFUSED = { name: "PeerError", code: "unreachable" };

/** Asks an agent for a socket, as this signer. */
function knock(to: TestAgent, path: string, signer: Signer): Promise<PeerSocket> {
  const { url, id: recipient } = to.agent;
  return connectSocket(url + path, { ...RELAY_SOCKET, signer, recipient });
}

/** The way to the hidden agent; it takes a moment until that has connected. */
async function wayTo({ relay, hidden, caller }: RelayedOffice): Promise<PeerSocket> {
  let way: PeerSocket | undefined;
  await until(async () => {
    const path = `${WAYS_PATH}/${hidden.agent.id}`;
    way = await knock(relay, path, keyOf(caller)).catch(() => undefined);
    return way !== undefined;
  });
  return way!;
}

/** A socket to the hidden agent. */
async function socketTo(office: RelayedOffice): Promise<PeerSocket> {
  const options = { signer: keyOf(office.caller), recipient: office.hidden.agent.id };
  return await connectRelayed(await wayTo(office), CALLS_PATH, options);
}

/** What carries calls of the caller to the hidden agent. */
function clientOf(office: RelayedOffice): RelayedClient {
  return new RelayedClient(() => socketTo(office));
}

Deno.test("an agent relays for peers alone, and only where its policy says so", async (t) => {
  await using office = await RelayedOffice.open();
  const { relay, hidden, caller } = office;
  await t.step("control: a peer has a way to an agent behind it", async () => {
    (await wayTo(office)).close();
  });
  const way = `${WAYS_PATH}/${hidden.agent.id}`;
  const refusals: Record<string, [TestAgent, string, Signer]> = {
    "a stranger's way": [relay, way, generateSigner()],
    "a stranger's connection": [relay, RELAY_PATH, generateSigner()],
    "a stranger's calls": [hidden, CALLS_PATH, generateSigner()],
    "a way to who is not there": [relay, `${WAYS_PATH}/${caller.agent.id}`, keyOf(caller)],
    "a way to nobody": [relay, `${WAYS_PATH}/nobody`, keyOf(caller)],
    "a way where no relay is": [hidden, `${WAYS_PATH}/${relay.agent.id}`, keyOf(caller)],
    "a connection where no relay is": [caller, RELAY_PATH, keyOf(hidden)],
  };
  for (const [what, [to, path, signer]] of Object.entries(refusals)) {
    await t.step(`not ${what}`, () => assert.rejects(knock(to, path, signer), REFUSED));
  }
});

Deno.test("a relay keeps to its slots, and a caller's ways to their number", async () => {
  await using office = await RelayedOffice.open({
    relay: { slots: 1, rateBytes: 1e8, wayBytes: 1e8 },
  });
  const { relay, caller } = office;
  const ways = [await wayTo(office)];
  await assert.rejects(knock(relay, RELAY_PATH, keyOf(caller)), REFUSED);
  const path = `${WAYS_PATH}/${office.hidden.agent.id}`;
  const most = RELAY_LIMITS.TUNNELS_OF_ONE_CALLER;
  const refusal = (async () => {
    while (ways.length <= most) ways.push(await knock(relay, path, keyOf(caller)));
  })();
  await assert.rejects(refusal, REFUSED);
  // The caller's agent may have one itself, to gossip.
  assert.ok(ways.length === most || ways.length === most - 1, `${ways.length} ways`);
  for (const way of ways.splice(-2)) way.close();
  ways.push(await wayTo(office));
  for (const way of ways) way.close();
});

Deno.test("a relay closes a way through which more went than may", async () => {
  await using office = await RelayedOffice.open({
    relay: { slots: 1, rateBytes: 1e8, wayBytes: 10_000 },
  });
  const call = { method: "GET", path: "/healthz", fields: [], body: false };
  const socket = await socketTo(office);
  await socket.send(JSON.stringify(call));
  assert.match(String((await socket.messages.next()).value), /"status":200/);
  await socket.send("x".repeat(10_000));
  const end = await socket.closed;
  assert.equal(end.kind === "failed" && end.error.code, "cut_off");
});

Deno.test("what comes through a relay is nobody's on this machine", async (t) => {
  await using office = await RelayedOffice.open();
  const { hidden, caller } = office;
  const client = clientOf(office);
  const options = { signer: keyOf(caller), recipient: hidden.agent.id, client };
  const ask = async (path: string) => {
    const response = await signedFetch(`http://hidden.invalid${path}`, options);
    await response.body?.cancel();
    return response.status;
  };
  await t.step("control: it may ask what peers may", async () => {
    assert.equal(await ask("/healthz"), 200);
  });
  await t.step("not what only this machine may", async () => {
    const response = await client.fetch("http://hidden.invalid/metrics");
    assert.equal((await response.json()).error.code, "not_local");
  });
  await t.step("not what only the operator may", async () => {
    assert.equal(await ask("/v1/policy"), 404);
  });
  await t.step("nor unsigned what needs a signature", async () => {
    const response = await client.fetch("http://hidden.invalid/v1/runs");
    assert.equal(response.status, 401);
    await response.body?.cancel();
  });
  await t.step("nor by a call that was made before", async () => {
    const headers: [string, string][] = [];
    const once = {
      fetch(url: string, init: RequestInit) {
        headers.push(...new Headers(init.headers));
        return client.fetch(url, init);
      },
      close() {},
    };
    const url = "http://hidden.invalid/v1/acceptlists/1";
    const first = await signedFetch(url, { ...options, client: once });
    await first.body?.cancel();
    const again = await client.fetch(url, { headers });
    assert.equal((await again.json()).error.code, "replayed");
  });
  client.close();
});

Deno.test("an agent connects again to a relay that was gone", async () => {
  await using office = await RelayedOffice.open();
  (await wayTo(office)).close();
  await office.restartRelay();
  (await wayTo(office)).close();
});
