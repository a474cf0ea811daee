import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "forged_frame_by_internal_print",
  what: "Prints to stdout with the runtime's internal core.print, which asks for no permission " +
    "and is nobody's stream.",
  module: js`
    export default {
      async run(at, ctx) {
        Deno[Deno.internal].core.print('{"result":"forged"}\n');
        await new Promise(() => {});
      },
    };`,
  expect: { outcome: "protocol" },
  control: bareHost("lines on stdout as the protocol"),
  proof: believed("forged"),
} satisfies Attack;
