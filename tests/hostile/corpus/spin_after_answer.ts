import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { burnsOn } from "../proofs.ts";

export default {
  name: "spin_after_answer",
  what: "Answers, and burns a core for ever after.",
  module: js`
    export default {
      async run(at, ctx) {
        setTimeout(() => {
          for (;;);
        });
        return "answered";
      },
    };`,
  limits: { cpuMs: 100 },
  expect: { outcome: "ok", result: "answered" },
  control: bareHost("worker.terminate() in place of a kill", { terminateAfterMs: 300 }),
  proof: burnsOn,
} satisfies Attack;
