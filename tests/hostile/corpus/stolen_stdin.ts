import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "stolen_stdin",
  what: "Reads the frames for the harness from descriptor 0; so no frame but the first, read " +
    "before any script is there, says anything secret.",
  module: js`
    export default {
      async run(at, ctx) {
        const fs = process.getBuiltinModule("node:fs");
        const buffer = new Uint8Array(65_536);
        let stolen = "";
        while (!stolen.includes("secret")) {
          stolen += new TextDecoder().decode(buffer.subarray(0, fs.readSync(0, buffer)));
        }
        return stolen;
      },
    };`,
  limits: { wallMs: 500 },
  expect: { outcome: "wall", detail: { reason: "deadline" } },
  control: alteredCell("a secret in a later frame", {
    lateFrame: ({ secret }) => ({ kind: 4, body: secret }),
    limits: { wallMs: 5_000 },
  }),
  proof: secretReturned,
} satisfies Attack;
