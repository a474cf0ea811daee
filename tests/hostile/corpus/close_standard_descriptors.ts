import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { lastedPast } from "../proofs.ts";

export default {
  name: "close_standard_descriptors",
  what: "Takes over the descriptors that the harness speaks on and closes them, so that what " +
    "is opened next stands in their place.",
  advisory: "CVE-2024-27933",
  module: js`
    export default {
      async run(at, ctx) {
        const { Socket } = process.getBuiltinModule("node:net");
        for (const fd of [1, 0]) new Socket({ fd }).destroy();
        await new Promise((resolve) => setTimeout(resolve, 50));
        return "closed";
      },
    };`,
  limits: { wallMs: 200 },
  expect: { outcome: "wall", detail: { reason: "deadline" } },
  control: alteredCell("the deadline lifted", { limits: { wallMs: 600 } }),
  proof: lastedPast(500),
} satisfies Attack;
