import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "shell_behind_granted_program",
  what: "Is granted one harmless program and has node:child_process run it in a shell, where " +
    "more can follow.",
  advisory: "CVE-2026-27190",
  module: js`
    export default {
      async run(at, ctx) {
        const { spawn } = process.getBuiltinModule("node:child_process");
        return await new Promise((resolve, reject) => {
          const child = spawn("/bin/echo; cat " + at.secretFile, [], { shell: true });
          child.on("error", reject);
          let text = "";
          child.stdout.on("data", (data) => text += data);
          child.on("close", () => resolve(text));
        });
      },
    };`,
  rights: {
    allow: ["--allow-env", "--allow-run=/bin/echo"],
    deny: [],
    worker: { env: true, run: ["/bin/echo"] },
  },
  expect: denied("run"),
  control: alteredCell("every program granted", { rights: holding("env", "run") }),
  proof: secretReturned,
} satisfies Attack;
