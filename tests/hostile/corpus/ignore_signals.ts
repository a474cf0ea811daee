import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { cpuBurntPast } from "../proofs.ts";

export default {
  name: "ignore_signals",
  what: "Takes every signal that can be taken, the kernel's warning about processor time among " +
    "them, and spins on; the limit has no warning, and the agent's own signal cannot be taken.",
  module: js`
    export default {
      async run(at, ctx) {
        for (const signal of ["SIGXCPU", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGALRM"]) {
          Deno.addSignalListener(signal, () => {});
        }
        for (;;);
      },
    };`,
  limits: { cpuMs: 200 },
  expect: { outcome: "cpu", detail: { limitMs: 200 } },
  control: alteredCell("a limit of processor time that warns first, and a watch that comes late", {
    limits: { cpuMs: 2_000, wallMs: 30_000 },
    args: [["--cpu=", "--cpu=1:60"]],
  }),
  proof: cpuBurntPast(1_500),
} satisfies Attack;
