import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "storage_left_behind",
  what: "Reads what another script has put into the local storage.",
  module: js`
    export default {
      async run(at, ctx) {
        return localStorage.getItem("drop");
      },
    };`,
  accomplice: {
    when: "before",
    module: js`
    export default {
      async run(at, ctx) {
        localStorage.setItem("drop", "left behind");
      },
    };`,
  },
  expect: { outcome: "script_error" },
  control: bareHost("both scripts in one realm", {
    realm: "main",
    flags: ["--location=http://drop/"],
  }),
  proof: believed("left behind"),
} satisfies Attack;
