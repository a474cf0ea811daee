import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "left_in_prototypes",
  what: "Leaves a trap in a prototype, into which the next script hands what it reads.",
  module: js`
    export default {
      async run(at, ctx) {
        return JSON.stringify([].concat("mine"));
      },
    };`,
  accomplice: {
    when: "before",
    module: js`
    export default {
      async run(at, ctx) {
        Array.prototype.toJSON = () => "trapped";
      },
    };`,
  },
  expect: { outcome: "ok", result: '["mine"]' },
  control: bareHost("both scripts in one realm", { realm: "main" }),
  proof: believed('"trapped"'),
} satisfies Attack;
