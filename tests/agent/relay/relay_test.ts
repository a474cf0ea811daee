import assert from "node:assert/strict";
import { begin, resultOf, type Seen } from "../channels/office.ts";
import { RelayedOffice } from "./relayed_office.ts";

const SHARES = {
  capabilities: { blobs: { quotaBytes: 50_000_000 }, peers: {} },
  script: `export default {
    async run(input, ctx) {
      if (!input.pull) {
        const { sha256 } = await ctx.blobs.put("x".repeat(3_000_000));
        return { sha256, ...await ctx.blobs.share(sha256) };
      }
      while (true) {
        try {
          return await ctx.blobs.pull(input.pull);
        } catch (error) {
          if (!input.patient || error.code !== "unavailable") throw error;
        }
      }
    },
  };`,
};

Deno.test("ctx.channel reaches an agent behind a relay", async () => {
  await using office = await RelayedOffice.open();
  const { caller, hidden } = office;
  const listening = await begin(hidden, {});
  const say = ["through", "x".repeat(200_000), "stop"];
  const saying = await begin(caller, { say, until: "left" });
  const { seen } = await resultOf<{ seen: Seen[] }>(hidden, listening);
  assert.deepEqual(seen.map(({ data }) => data), [undefined, ...say]);
  await resultOf(caller, saying);
});

Deno.test("blobs come from an agent behind a relay", async () => {
  await using office = await RelayedOffice.open(SHARES);
  const { caller, hidden } = office;
  const { list, sha256 } = await resultOf<{ list: string; sha256: string }>(
    hidden,
    await begin(hidden, {}),
  );
  const got = await resultOf(caller, await begin(caller, { pull: list, patient: true }));
  assert.deepEqual(got, { sha256, length: 3_000_000 });
});

Deno.test("an agent's advert says through which relays it is reached", async () => {
  await using office = await RelayedOffice.open({ byAdvert: true });
  const { caller, hidden } = office;
  const listening = await begin(hidden, {});
  await begin(caller, { say: ["by advert", "stop"], until: "left" });
  const { seen } = await resultOf<{ seen: Seen[] }>(hidden, listening);
  assert.equal(seen[0]?.peer, caller.agent.id);
  assert.equal(seen[1]?.data, "by advert");
});

Deno.test("a relay itself reaches the agents behind it", async () => {
  await using office = await RelayedOffice.open({ byAdvert: true, ...SHARES });
  const { relay, hidden } = office;
  const { list, sha256 } = await resultOf<{ list: string; sha256: string }>(
    hidden,
    await begin(hidden, {}),
  );
  // Its advert takes a moment to say what it has, and how it is reached.
  const got = await resultOf(relay, await begin(relay, { pull: list, patient: true }));
  assert.deepEqual(got, { sha256, length: 3_000_000 });
});
