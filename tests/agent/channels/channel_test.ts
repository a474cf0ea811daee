import assert from "node:assert/strict";
import { begin, ChannelOffice, emitted, resultOf, type Seen } from "./office.ts";

Deno.test("ctx.channel passes messages between two agents, in their sequence", async () => {
  await using office = new ChannelOffice();
  const [a, b] = [await office.join(), await office.join()];
  const say = [1, "two", { three: [3] }, null, "x".repeat(200_000), "stop"];
  const listening = await begin(b, {});
  const saying = await begin(a, { say, until: "left" });
  const { seen } = await resultOf<{ seen: Seen[] }>(b, listening);
  const peer = a.agent.id;
  assert.deepEqual(seen[0], { type: "joined", peer });
  assert.deepEqual(seen.slice(1), say.map((data) => ({ type: "message", peer, data })));
  assert.deepEqual((await resultOf<{ seen: unknown }>(a, saying)).seen, [
    { type: "joined", peer: b.agent.id },
    { type: "left", peer: b.agent.id },
  ]);
});

Deno.test("ctx.channel tells all three agents what one says to all", async () => {
  await using office = new ChannelOffice(`export default {
    async run({ others, says }, ctx) {
      const channel = await ctx.channel("room");
      const heard = [];
      let joined = 0;
      for await (const event of channel) {
        if (event.type === "joined" && ++joined === others) {
          ctx.emit("all");
          if (says) return await channel.send(new Uint8Array([1, 2, 3]));
        }
        if (event.type === "message") return { heard: [...event.data], from: event.peer };
      }
    },
  };`);
  const [a, b, c] = [await office.join(), await office.join(), await office.join()];
  const listening = await Promise.all([b, c].map((test) => begin(test, { others: 1 })));
  // Whoever is told begins to listen before anything is said.
  await Promise.all([b, c].map((test, i) => emitted(test, listening[i]!, "all")));
  assert.equal(await resultOf(a, await begin(a, { others: 2, says: true })), 2);
  for (const [i, test] of [b, c].entries()) {
    const result = await resultOf(test, listening[i]!);
    assert.deepEqual(result, { heard: [1, 2, 3], from: a.agent.id });
  }
});

Deno.test("ctx.channel slows down who sends to the pace of who takes", async () => {
  const queueBytes = 400_000;
  await using office = new ChannelOffice(`export default {
    async run({ sends }, ctx) {
      const channel = await ctx.channel("room");
      const message = new Uint8Array(50_000);
      let [sent, most, taken] = [0, 0, 0];
      for await (const { type, peer, data } of channel) {
        if (type === "joined" && sends) {
          (async () => {
            for (; sent < sends; sent++) await channel.send(message, { to: peer });
          })();
        }
        if (type !== "message") continue;
        if (sends) {
          // What is said back is how many were taken over there.
          most = Math.max(most, sent - data);
          if (data === sends) return { most };
        } else {
          await channel.send(++taken, { to: peer });
          if (taken === 100) return taken;
        }
      }
    },
  };`);
  const settings = { queueBytes, rateBytes: 100_000_000 };
  const [a, b] = [await office.join(settings), await office.join(settings)];
  const taking = await begin(b, {});
  const { most } = await resultOf<{ most: number }>(a, await begin(a, { sends: 100 }));
  // A queue in the socket, one before the script, and what is on its way between them.
  assert.ok(most * 50_000 <= 2 * queueBytes + 4 * 50_000, `${most} were sent and not taken`);
  assert.ok(most > 1, "the control: some are on their way at the same time");
  assert.equal(await resultOf(b, taking), 100);
});

Deno.test("ctx.channel gives each run that has it open all that comes", async () => {
  await using office = new ChannelOffice();
  const [a, b] = [await office.join(), await office.join()];
  const listening = [await begin(b, {}), await begin(b, {})];
  for (const run of listening) await emitted(b, run, "open");
  await begin(a, { say: ["one", "stop"], until: "left" });
  for (const run of listening) {
    const { seen } = await resultOf<{ seen: Seen[] }>(b, run);
    assert.deepEqual(seen.map(({ data }) => data), [undefined, "one", "stop"]);
  }
});

Deno.test("ctx.channel connects again with an agent that was gone", async () => {
  await using office = new ChannelOffice();
  const [a, b] = [await office.join(), await office.join()];
  const listening = await begin(a, { until: "stop" });
  await emitted(a, listening, "open");
  await begin(b, { until: "left" });
  await emitted(a, listening, "joined");
  await office.restart(b);
  await emitted(a, listening, "left");
  await begin(b, { say: ["stop"], until: "left" });
  const { seen } = await resultOf<{ seen: Seen[] }>(a, listening);
  const types = seen.map(({ type }) => type);
  assert.deepEqual(types, ["joined", "left", "joined", "message"]);
});

Deno.test("ctx.channel lets go of an agent that the policy no longer names", async () => {
  await using office = new ChannelOffice();
  const [a, b] = [await office.join(), await office.join()];
  const listening = await begin(a, { until: "left" });
  await begin(b, { until: "left" });
  await emitted(a, listening, "joined");
  await office.forget(b);
  const { seen, peers } = await resultOf<{ seen: Seen[]; peers: unknown }>(a, listening);
  assert.equal(seen.at(-1)?.type, "left");
  assert.deepEqual(peers, []);
});
