import assert from "node:assert/strict";
import { GOSSIP_MS } from "../../runtime/peer/membership/mod.ts";
import { LightFleet } from "./light/light_fleet.ts";

Deno.test("agents find each other over signed HTTP within 10 s, for less than 1 kB/s each", async () => {
  await using fleet = new LightFleet(40);
  for (let round = 0; round < 8; round++) await fleet.round();
  const before = fleet.traffic;
  const rounds = 4;
  for (let round = 0; round < rounds; round++) {
    await fleet.round();
    fleet.aheadMs += GOSSIP_MS;
  }
  const seconds = rounds * GOSSIP_MS / 1000;
  const rates = fleet.traffic.map((bytes, i) => (bytes - before[i]!) / seconds);
  const mean = rates.reduce((sum, rate) => sum + rate) / rates.length;
  assert.ok(mean <= 1_000, `${mean.toFixed(0)} bytes a second`);
  const { asked, found, slowestMs } = await fleet.find(20);
  assert.ok(asked > 0);
  assert.equal(found, asked);
  assert.ok(slowestMs <= 10_000, `${slowestMs.toFixed(0)} ms`);
  assert.ok(fleet.largestView <= 36, `${fleet.largestView} known`);
});

Deno.test("PeerNetwork.found tells of members that no policy lists, where to reach them", async () => {
  await using fleet = new LightFleet(12);
  for (let round = 0; round < 4; round++) await fleet.round();
  const { found } = fleet.agents[7]!.network;
  assert.ok(found.length > 0);
  for (const { id, url, labels } of found) {
    const index = fleet.agents.findIndex((agent) => agent.id === id);
    assert.ok(index >= 3, "a seed is listed, and so is nobody who was found");
    assert.equal(url, fleet.agents[index]!.url);
    assert.deepEqual(labels, ["office"]);
  }
});
