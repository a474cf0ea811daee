import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { cpuBurntPast } from "../proofs.ts";

export default {
  name: "spin_in_wasm",
  what: "Loops in WebAssembly, in which no JavaScript runs that could be interrupted.",
  module: js`
    export default {
      async run(at, ctx) {
        const code = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0];
        const loop = [10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11];
        const { instance } = await WebAssembly.instantiate(new Uint8Array([...code, ...loop]));
        instance.exports.f();
      },
    };`,
  limits: { cpuMs: 100 },
  expect: { outcome: "cpu", detail: { limitMs: 100 } },
  control: alteredCell("the cpu limit raised", { limits: { cpuMs: 400 } }),
  proof: cpuBurntPast(300),
} satisfies Attack;
