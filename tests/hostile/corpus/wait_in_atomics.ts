import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { lastedPast } from "../proofs.ts";

export default {
  name: "wait_in_atomics",
  what: "Blocks its thread without using the processor, so that the cpu limit never comes.",
  module: js`
    export default {
      async run(at, ctx) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      },
    };`,
  limits: { wallMs: 200 },
  expect: { outcome: "wall", detail: { reason: "deadline" } },
  control: alteredCell("the deadline lifted", { limits: { wallMs: 600 } }),
  proof: lastedPast(500),
} satisfies Attack;
