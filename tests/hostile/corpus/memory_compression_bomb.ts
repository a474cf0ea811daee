import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_compression_bomb",
  what: "Inflates a few hundred kilobytes to hundreds of megabytes, in native code.",
  module: js`
    export default {
      async run(at, ctx) {
        const zeros = new Blob([new Uint8Array(10_000_000)]).stream();
        const deflated = await new Response(zeros.pipeThrough(new CompressionStream("deflate-raw"))).bytes();
        const kept = [];
        while (kept.length < 30) {
          const inflated = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
          kept.push(await new Response(inflated).bytes());
        }
        return kept.length;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory", detail: { kind: "native" } },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(200_000_000),
} satisfies Attack;
