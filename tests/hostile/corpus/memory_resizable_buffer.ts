import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_resizable_buffer",
  what: "Grows a buffer in place, to far more than it had when it was made.",
  module: js`
    export default {
      async run(at, ctx) {
        const buffer = new ArrayBuffer(0, { maxByteLength: 320_000_000 });
        while (buffer.byteLength < 300_000_000) buffer.resize(buffer.byteLength + 10_000_000);
        new Uint8Array(buffer).fill(1);
        return buffer.byteLength;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory", detail: { kind: "native" } },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(200_000_000),
} satisfies Attack;
