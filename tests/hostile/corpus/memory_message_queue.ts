import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_message_queue",
  what: "Posts into a channel that nobody reads; what waits there is outside of every heap.",
  module: js`
    export default {
      async run(at, ctx) {
        const { port1, port2 } = new MessageChannel();
        const part = new Uint8Array(5_000_000).fill(1);
        for (let i = 0; i < 60; i++) port1.postMessage(part);
        return [port2].length;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory", detail: { kind: "native" } },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(200_000_000),
} satisfies Attack;
