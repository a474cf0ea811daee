import { type Attack, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "shell_by_backticks",
  what: "Is granted one harmless program and hides another in backticks of its arguments, in a " +
    "shell that it waits for.",
  advisory: "CVE-2026-32260",
  module: js`
    export default {
      async run(at, ctx) {
        const { execSync } = process.getBuiltinModule("node:child_process");
        const tick = String.fromCharCode(96);
        return String(execSync("/bin/echo " + tick + "cat " + at.secretFile + tick));
      },
    };`,
  rights: {
    allow: ["--allow-env", "--allow-run=/bin/echo"],
    deny: [],
    worker: { env: true, run: ["/bin/echo"] },
  },
  expect: { outcome: "script_error" },
  control: alteredCell("every program granted", { rights: holding("env", "run") }),
  proof: secretReturned,
} satisfies Attack;
