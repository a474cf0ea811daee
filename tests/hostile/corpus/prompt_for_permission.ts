import { type Attack, denied, js } from "../attack.ts";
import { promptedHost } from "../controls/prompted_host.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "prompt_for_permission",
  what: "Asks for a permission and wipes the question off the screen; nobody is ever asked.",
  advisory: "CVE-2023-22499",
  module: js`
    export default {
      async run(at, ctx) {
        const asked = Deno.permissions.request({ name: "read", path: at.secretFile });
        console.log("\x1b[2J\x1b[HContinue?");
        await asked;
        return Deno.readTextFileSync(at.secretFile);
      },
    };`,
  expect: ({ secretFile }) => denied("read", secretFile),
  control: promptedHost,
  proof: secretReturned,
} satisfies Attack;
