import assert from "node:assert/strict";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { parseRelayedUrl } from "../../runtime/core/relayed_url.ts";
import {
  checkPolicyDir,
  loadPolicyDir,
  parseGrant,
  PolicyError,
} from "../../runtime/policy/mod.ts";
import { brief, goodFiles, policyFolder } from "./fixture.ts";

const HQ = keyId(generateSigner().publicKey);
const KIOSK = keyId(generateSigner().publicKey);
const PEERS = `peers:
  - { name: hq, url: "https://hq.example:8799", id: "${HQ}" }
  - { name: kiosk, relay: hq, id: "${KIOSK}", labels: [desk] }
`;

async function fleetOf(more: string) {
  const good = goodFiles();
  await using folder = await policyFolder({ ...good, "fleet.yaml": good["fleet.yaml"] + more });
  return (await loadPolicyDir(folder.dir)).fleet;
}

Deno.test("loadPolicyDir() reads peers, relays and what they may pass on", async () => {
  const { peers, relay, relays, traffic } = await fleetOf(
    `${PEERS}relays: [hq]\nrelay: { slots: 3, rate: 2 MB }\ntraffic: { up: 1 MB }\n`,
  );
  assert.deepEqual(peers.map(({ name }) => name), ["hq", "kiosk"]);
  assert.deepEqual(parseRelayedUrl(peers[1]!.url), { agent: KIOSK, relay: HQ });
  assert.deepEqual(relays, [HQ]);
  assert.deepEqual(relay, { slots: 3, rateBytes: 2e6, wayBytes: 1e9 });
  assert.deepEqual(traffic, { upBytes: 1e6 });
  const plain = await fleetOf("");
  assert.deepEqual([plain.relay, plain.relays, plain.traffic], [undefined, undefined, undefined]);
  assert.deepEqual((await fleetOf("relay: {}\n")).relay?.slots, 16);
});

Deno.test("loadPolicyDir() asks the local network when mdns is there", async () => {
  assert.equal((await fleetOf("")).mdns, undefined);
  assert.deepEqual((await fleetOf("mdns: {}\n")).mdns, { address: "0.0.0.0" });
  const { mdns } = await fleetOf("mdns: { address: 192.168.1.7 }\n");
  assert.deepEqual(mdns, { address: "192.168.1.7" });
});

Deno.test("loadPolicyDir() refuses peers and relays that lead nowhere", async (t) => {
  const good = goodFiles();
  const line = good["fleet.yaml"]!.split("\n").length;
  const cases: [string, string, string[]][] = [
    [
      "a peer with neither address nor relay",
      `peers: [{ name: a, id: "${HQ}" }]\n`,
      [`missing_key peers[0]:${line}`],
    ],
    [
      "a peer with both",
      `peers: [{ name: a, id: "${HQ}", url: "https://a.example", relay: a }]\n`,
      [`missing_key peers[0]:${line}`],
    ],
    [
      "a relay that is no peer",
      `peers: [{ name: a, id: "${HQ}", relay: b }]\n`,
      [`bad_value peers[0]:${line}`],
    ],
    [
      "a relay behind a relay",
      `${PEERS}  - { name: far, relay: kiosk, id: "${keyId(generateSigner().publicKey)}" }\n`,
      [`bad_value peers[2]:${line + 3}`],
    ],
    ["relays that are no peers", `${PEERS}relays: [nobody]\n`, [`bad_value relays[0]:${line + 3}`]],
    ["an empty list of relays", `${PEERS}relays: []\n`, [`bad_value relays:${line + 3}`]],
    ["a relay without slots", "relay: { slots: 0 }\n", [`bad_value relay.slots:${line}`]],
    ["no address", "mdns: { address: office }\n", [`bad_value mdns.address:${line}`]],
    ["a rate without a unit", "traffic: { up: 100 }\n", [`bad_unit traffic.up:${line}`]],
    ["a rate that is unknown", "traffic: { left: 1 MB }\n", [`unknown_key traffic.left:${line}`]],
  ];
  for (const [what, more, mistakes] of cases) {
    await t.step(what, async () => {
      const files = { ...good, "fleet.yaml": good["fleet.yaml"] + more };
      await using folder = await policyFolder(files);
      assert.deepEqual(brief((await checkPolicyDir(folder.dir)).mistakes), mistakes);
    });
  }
});

Deno.test("parseGrant() reads what bounds a channel", () => {
  const read = (settings: string) =>
    parseGrant(`capabilities: { channel: ${settings} }`, "talk.yaml").capabilities?.channel;
  assert.deepEqual(read("{}"), {});
  assert.deepEqual(
    read("{ names: [room], peers: [desk], rate: 2 MB, message: 64 kB, queue: 1 MB, members: 4 }"),
    {
      names: ["room"],
      peers: ["desk"],
      rateBytes: 2e6,
      messageBytes: 64e3,
      queueBytes: 1e6,
      members: 4,
    },
  );
  for (
    const bad of [
      "{ names: [] }",
      "{ names: [Room] }",
      "{ names: [room, room] }",
      "{ peers: [] }",
      "{ message: 1 MB }",
      "{ queue: 17 MB }",
      "{ members: 0 }",
      "{ members: 65 }",
      "{ rate: 5 }",
      "{ quota: 1 MB }",
    ]
  ) {
    assert.throws(() => read(bad), PolicyError, bad);
  }
});
