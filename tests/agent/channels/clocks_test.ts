import { begin, ChannelOffice, resultOf, type Seen } from "./office.ts";
import assert from "node:assert/strict";

const MINUTE_MS = 60_000;

for (const minutes of [4, -4]) {
  Deno.test(`ctx.channel passes messages between agents whose clocks are ${minutes} minutes apart`, async () => {
    const clock = () => Date.now() + minutes * MINUTE_MS;
    await using office = new ChannelOffice();
    const [a, b] = [await office.join(), await office.join({}, clock)];
    const listening = await begin(b, {}, clock());
    const saying = await begin(a, { say: ["one", "stop"], until: "left" });
    const { seen } = await resultOf<{ seen: Seen[] }>(b, listening);
    const peer = a.agent.id;
    assert.deepEqual(seen, [
      { type: "joined", peer },
      { type: "message", peer, data: "one" },
      { type: "message", peer, data: "stop" },
    ]);
    await resultOf(a, saying);
  });
}
