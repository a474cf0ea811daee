import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_blob",
  what: "Collects blobs, whose bytes live outside of every JavaScript heap.",
  module: js`
    export default {
      async run(at, ctx) {
        const part = new Uint8Array(5_000_000).fill(1);
        const kept = [];
        while (kept.length < 60) kept.push(new Blob([part]));
        return kept.length;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory", detail: { kind: "native" } },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(250_000_000),
} satisfies Attack;
