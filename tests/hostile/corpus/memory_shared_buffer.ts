import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_shared_buffer",
  what: "Fills memory shared between threads, which belongs to no heap.",
  module: js`
    export default {
      async run(at, ctx) {
        const kept = [];
        while (kept.length < 30) kept.push(new Uint8Array(new SharedArrayBuffer(10_000_000)).fill(1));
        return kept.length;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory", detail: { kind: "native" } },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(200_000_000),
} satisfies Attack;
