import assert from "node:assert/strict";
import type { KeyId } from "../../../runtime/core/documents/common.ts";
import { generateSigner, keyId } from "../../../runtime/core/key.ts";
import {
  localPipe,
  RELAY_LIMITS,
  RELAY_SOCKET,
  type RelayEnd,
  RelayService,
  serveRelayLink,
} from "../../../runtime/peer/relay/mod.ts";
import { readRelayFrame, writeRelayFrame } from "../../../runtime/peer/relay/relay_frame.ts";
import type { PeerSocket } from "../../../runtime/peer/socket/mod.ts";
import { within } from "../../within.ts";
import { tamperedPair } from "../socket/wires.ts";

const { TUNNELS_OF_ONE_AGENT: OF_AGENT, TUNNELS_OF_ONE_CALLER: OF_CALLER } = RELAY_LIMITS;
const UPGRADE = new TextEncoder().encode("an upgrade");

function somebody(): KeyId {
  return keyId(generateSigner().publicKey);
}

/** The caller's end of a way that is asked for, and whether the relay has closed it by itself. */
function ask(service: RelayService, agent: KeyId, caller: KeyId) {
  const [end, inside] = localPipe(caller);
  const { peer, messages } = inside;
  const closed: (string | undefined)[] = [];
  const close = (_code?: number, reason?: string) => {
    closed.push(reason);
    inside.close();
  };
  const told: RelayEnd = { peer, messages, send: (message) => inside.send(message), close };
  void service.pass(agent, told);
  return { end, closed };
}

/** What an agent behind a relay hears next. */
async function heard(agent: PeerSocket): Promise<string> {
  const { value } = await within(agent.messages.next(), "a word of the relay");
  const { kind, way } = readRelayFrame(value!);
  return `${kind} ${way}`;
}

Deno.test("RelayService.pass() makes 64 ways to one agent, and another when one is over", async () => {
  const { near: agent, far: link } = await tamperedPair(RELAY_SOCKET);
  const service = new RelayService({ slots: 1, rateBytes: 1e9, wayBytes: 1e9 });
  const kept = service.keep(link);
  const ways: ReturnType<typeof ask>[] = [];
  for (let caller = somebody(); ways.length < OF_AGENT;) {
    ways.push(ask(service, link.peer, caller));
    assert.equal(await heard(agent), `open ${ways.length}`);
    if (ways.length % OF_CALLER === 0) caller = somebody();
  }
  assert.equal(ways.length, 64);

  const late = somebody();
  assert.equal(service.hasWay(link.peer, late), false);
  assert.deepEqual(ask(service, link.peer, late).closed, ["no way"]);
  assert.deepEqual(ways.flatMap(({ closed }) => closed), [], "the others stay");

  ways[0]!.end.close();
  assert.equal(await heard(agent), "close 1");
  assert.equal(service.hasWay(link.peer, late), true);
  assert.deepEqual(ask(service, link.peer, late).closed, []);
  assert.equal(await heard(agent), "open 65");
  agent.close();
  await within(kept, "the end of the connection");
});

Deno.test("serveRelayLink() takes 64 ways of its relay, another when one is over, and leaves at a 65th", async () => {
  const { near: agent, far: relay } = await tamperedPair(RELAY_SOCKET);
  const asked: Uint8Array[] = [];
  const served = serveRelayLink(agent, (upgrade, wire) => {
    asked.push(upgrade);
    wire.close();
  });
  const open = (way: number) => relay.send(writeRelayFrame({ kind: "open", way }));
  const use = (way: number) => relay.send(writeRelayFrame({ kind: "data", way, bytes: UPGRADE }));
  for (let way = 1; way <= OF_AGENT; way++) await open(way);
  await use(OF_AGENT);
  assert.equal(await heard(relay), `close ${OF_AGENT}`, "the control: the last one is answered");
  assert.deepEqual(asked, [UPGRADE]);

  await open(OF_AGENT + 1);
  await open(OF_AGENT + 2);
  await within(served, "the end of the connection");
  assert.equal((await within(relay.messages.next(), "the end of what is said")).done, true);
});
