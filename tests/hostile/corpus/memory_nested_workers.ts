import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_nested_workers",
  what: "Starts Workers of its own without end, each of which is a heap of its own.",
  module: js`
    export default {
      async run(at, ctx) {
        const start = () => {
          const worker = new Worker("data:text/javascript,postMessage(0)", { type: "module" });
          return new Promise((resolve) => worker.onmessage = () => resolve(worker));
        };
        return (await Promise.all(Array.from({ length: 16 }, start))).length;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory", detail: { kind: "native" } },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 20_000_000_000 } }),
  proof: memoryGrewPast(150_000_000),
} satisfies Attack;
