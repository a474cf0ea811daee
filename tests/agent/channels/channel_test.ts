import assert from "node:assert/strict";
import { begin, ChannelOffice, resultOf } from "./office.ts";

Deno.test("ctx.channel passes messages between two agents, in their sequence", async () => {
  await using office = new ChannelOffice();
  const [a, b] = [await office.join(), await office.join()];
  const say = [1, "two", { three: [3] }, null, "x".repeat(200_000), "stop"];
  const listening = await begin(b, {});
  const saying = await begin(a, { say, until: "left" });
  const { seen } = await resultOf(b, listening);
  const peer = a.agent.id;
  assert.deepEqual(seen[0], { type: "joined", peer });
  assert.deepEqual(seen.slice(1), say.map((data) => ({ type: "message", peer, data })));
  assert.deepEqual((await resultOf(a, saying)).seen, [
    { type: "joined", peer: b.agent.id },
    { type: "left", peer: b.agent.id },
  ]);
});
