import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_wasm",
  what: "Grows a WebAssembly memory and touches its pages.",
  module: js`
    export default {
      async run(at, ctx) {
        const memory = new WebAssembly.Memory({ initial: 1 });
        while (memory.buffer.byteLength < 300_000_000) memory.grow(160);
        new Uint8Array(memory.buffer).fill(1);
        return memory.buffer.byteLength;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory", detail: { kind: "native" } },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(250_000_000),
} satisfies Attack;
