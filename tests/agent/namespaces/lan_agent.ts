// A light agent on a network of its own. Its argument is its address; says its id and url, then
// reads a command a line and answers a line of JSON.
//   members IDS    the policy names these agents, and has others looked for on the local network
//   seeds PEERS    the policy lists these, with their addresses
//   round          gossips once: the agents that it knows then
import { LocalNetwork } from "../../../runtime/agent/peers/local_network.ts";
import { silentLog } from "../../../runtime/agent/log.ts";
import type { KeyId } from "../../../runtime/core/documents/common.ts";
import type { PeerEntry } from "../../../runtime/policy/mod.ts";
import { linesOf } from "../../bench/lines.ts";
import { TestFleet } from "../fixture.ts";
import { LightAgent } from "../light/light_agent.ts";

const [address] = Deno.args as [string];
let members: readonly KeyId[] = [];
let peers: readonly PeerEntry[] = [];
const rules = () => ({
  policy: new TestFleet().policy({ labels: new Map(members.map((id) => [id, ["office"]])) }),
  peers,
  sources: [],
  ...(members.length > 0 && { mdns: { address } }),
});
await using agent = new LightAgent(rules, Date.now, () => {}, address);
const { membership } = agent.network;
await using local = new LocalNetwork({
  rules,
  advert: () => agent.network.advert(),
  heard: (advert) => membership.hear(advert),
  log: silentLog,
});
say({ id: agent.id, url: agent.url });
for await (const line of linesOf(Deno.stdin.readable)) {
  const [command, argument = ""] = line.split(" ");
  if (command === "members") {
    members = JSON.parse(argument);
    local.adjust();
    say([]);
  } else if (command === "seeds") {
    peers = JSON.parse(argument);
    say([]);
  } else if (command === "round") {
    await membership.gossip(AbortSignal.timeout(10_000));
    say(membership.view.active.map(({ agent }) => agent));
  }
}

function say(value: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(value) + "\n"));
}
