import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { burnsOn } from "../proofs.ts";

export default {
  name: "spin_for_ever",
  what: "Never returns; terminate() of a Worker does not stop a tight loop, the end of a process " +
    "does.",
  module: js`
    export default {
      async run(at, ctx) {
        for (;;);
      },
    };`,
  limits: { cpuMs: 100 },
  expect: { outcome: "cpu", detail: { limitMs: 100 } },
  control: bareHost("worker.terminate() in place of a kill", { terminateAfterMs: 300 }),
  proof: burnsOn,
} satisfies Attack;
