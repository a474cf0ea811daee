import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { blobsUpToQuota } from "../loans.ts";
import { believed } from "../proofs.ts";

export default {
  name: "quota_passed_by_parallel_puts",
  what: "Puts ten documents at once, of which one fits into its quota; what is under way counts.",
  module: js`
    export default {
      async run(at, ctx) {
        const bodies = Array.from({ length: 10 }, (_, i) => new Uint8Array(60_000).fill(i));
        const puts = await Promise.allSettled(bodies.map((body) => ctx.blobs.put(body)));
        return puts.filter(({ status }) => status === "fulfilled").length;
      },
    };`,
  lent: blobsUpToQuota,
  expect: { outcome: "ok", result: 1 },
  control: alteredCell("a quota that counts what is stored", { unguarded: true }),
  proof: believed(10),
} satisfies Attack;
