import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { outputPast } from "../proofs.ts";

export default {
  name: "endless_line_on_stdout",
  what: "Writes a line of megabytes to the descriptor of stdout, to starve whoever reads lines.",
  module: js`
    export default {
      async run(at, ctx) {
        const fs = process.getBuiltinModule("node:fs");
        for (let i = 0; i < 3_000; i++) fs.writeSync(1, "x".repeat(1_000));
        fs.writeSync(1, "\n"); // for a reader that lives to see it
        return "flooded";
      },
    };`,
  limits: { outputBytes: 100_000, cpuMs: 5_000 },
  expect: { outcome: "protocol" },
  control: bareHost("lines on stdout as the protocol"),
  proof: outputPast(2_000_000),
} satisfies Attack;
