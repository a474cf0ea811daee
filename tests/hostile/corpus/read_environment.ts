import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";

export default {
  name: "read_environment",
  what: "Reads the environment variables, in which services keep their passwords.",
  module: js`
    export default {
      async run(at, ctx) {
        return Deno.env.toObject();
      },
    };`,
  expect: denied("env"),
  control: alteredCell("env granted and set", {
    rights: holding("env"),
    env: () => ({ PASSWORD: "in the environment" }),
  }),
  proof: {
    what: "the environment comes back",
    holds: ({ result }) => (result as { PASSWORD?: string }).PASSWORD === "in the environment",
  },
} satisfies Attack;
