import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_array_buffer_caught",
  what:
    "Catches the RangeError of a refused array buffer and tries smaller ones until nothing is " +
    "left.",
  module: js`
    export default {
      async run(at, ctx) {
        const kept = [];
        for (let size = 64_000_000; size >= 4096 && kept.length < 300;) {
          try {
            kept.push(new Uint8Array(size).fill(1));
            if (kept.length * size > 300_000_000) break;
          } catch {
            size /= 2;
          }
        }
        return "survived";
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory", detail: { kind: "native" } },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(250_000_000),
} satisfies Attack;
