import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_array_buffer",
  what: "Allocates and touches array buffers, which V8's heap limit does not count.",
  module: js`
    export default {
      async run(at, ctx) {
        const kept = [];
        while (kept.length < 30) kept.push(new Uint8Array(10_000_000).fill(1));
        return kept.length;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory", detail: { kind: "native" } },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(250_000_000),
} satisfies Attack;
