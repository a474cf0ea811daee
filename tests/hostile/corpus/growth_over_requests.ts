import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "growth_over_requests",
  what: "Keeps a megabyte of each request, so that none of them is too much by itself.",
  module: js`
    const kept = [];
    export default {
      fetch() {
        kept.push(new Uint8Array(1_000_000).fill(1));
        return new Response(null);
      },
    };`,
  served: { paths: Array(250).fill("/"), inTurn: true },
  limits: { memoryBytes: 64_000_000, cpuMs: 10_000 },
  expect: { outcome: "memory" },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 1_000_000_000 } }),
  proof: memoryGrewPast(220_000_000),
} satisfies Attack;
