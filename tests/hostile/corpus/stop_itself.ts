import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { processStopped } from "../proofs.ts";

export default {
  name: "stop_itself",
  what: "Stops the whole process with SIGSTOP, so that it neither answers nor ends of its own " +
    "accord.",
  module: js`
    export default {
      async run(at, ctx) {
        process.kill(process.pid, "SIGSTOP");
        await new Promise(() => {});
      },
    };`,
  limits: { wallMs: 500 },
  expect: { outcome: "wall" },
  control: bareHost("a Worker without permissions as the only wall"),
  proof: processStopped,
} satisfies Attack;
