import { type Attack, denied, js } from "../attack.ts";
import { promptedHost } from "../controls/prompted_host.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "prompt_by_first_use",
  what: "Reads without asking first, has the terminal itself type into the answer, and counts " +
    "on the question that Deno then asks.",
  advisory: "CVE-2024-32477",
  module: js`
    export default {
      async run(at, ctx) {
        console.log("\x1b[6n\x1b[c");
        return Deno.readTextFileSync(at.secretFile);
      },
    };`,
  expect: ({ secretFile }) => denied("read", secretFile),
  control: promptedHost,
  proof: secretReturned,
} satisfies Attack;
