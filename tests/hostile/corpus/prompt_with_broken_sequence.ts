import { type Attack, denied, js } from "../attack.ts";
import { promptedHost } from "../controls/prompted_host.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "prompt_with_broken_sequence",
  what: "Asks for a path that holds a broken escape sequence, so that another one is shown " +
    "than is granted.",
  advisory: "CVE-2024-27936",
  module: js`
    export default {
      async run(at, ctx) {
        const path = at.ownFolder + "\x1b[/.." + "/../secret.json";
        await Deno.permissions.request({ name: "read", path });
        return Deno.readTextFileSync(at.secretFile);
      },
    };`,
  expect: ({ secretFile }) => denied("read", secretFile),
  control: promptedHost,
  proof: secretReturned,
} satisfies Attack;
