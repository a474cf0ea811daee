import assert from "node:assert/strict";
import { begin, resultOf } from "../channels/office.ts";
import { RelayedOffice } from "./relayed_office.ts";

Deno.test("ctx.channel reaches an agent behind a relay", async () => {
  await using office = await RelayedOffice.open();
  const { caller, hidden } = office;
  const listening = await begin(hidden, {});
  const say = ["through", "x".repeat(200_000), "stop"];
  const saying = await begin(caller, { say, until: "left" });
  const { seen } = await resultOf(hidden, listening);
  assert.deepEqual(seen.map(({ data }: { data?: string }) => data), [undefined, ...say]);
  await resultOf(caller, saying);
});

Deno.test("blobs come from an agent behind a relay", async () => {
  await using office = await RelayedOffice.open({
    capabilities: { blobs: { quotaBytes: 50_000_000 }, peers: {} },
    script: `export default {
      async run(input, ctx) {
        if (input.pull) return await ctx.blobs.pull(input.pull);
        const { sha256 } = await ctx.blobs.put("x".repeat(3_000_000));
        return { sha256, ...await ctx.blobs.share(sha256) };
      },
    };`,
  });
  const { caller, hidden } = office;
  const { list, sha256 } = await resultOf(hidden, await begin(hidden, {}));
  const got = await resultOf(caller, await begin(caller, { pull: list }));
  assert.deepEqual(got, { sha256, length: 3_000_000 });
});
