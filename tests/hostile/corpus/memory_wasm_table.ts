import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_wasm_table",
  what: "Grows a WebAssembly table, which is no memory of WebAssembly.",
  module: js`
    export default {
      async run(at, ctx) {
        const kept = [];
        while (kept.length < 40) {
          kept.push(new WebAssembly.Table({ element: "externref", initial: 1_000_000 }, kept));
        }
        return kept.length;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory" },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(200_000_000),
} satisfies Attack;
