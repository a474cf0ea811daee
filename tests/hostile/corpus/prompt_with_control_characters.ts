import { type Attack, denied, js } from "../attack.ts";
import { promptedHost } from "../controls/prompted_host.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "prompt_with_control_characters",
  what: "Asks to run a command whose name paints over the question, then runs it.",
  advisory: "CVE-2023-28446",
  module: js`
    export default {
      async run(at, ctx) {
        const command = "/bin/cat";
        await Deno.permissions.request({ name: "run", command: "\x1b[2K" + command });
        await Deno.permissions.request({ name: "run", command });
        const { stdout } = await new Deno.Command(command, { args: [at.secretFile] }).output();
        return new TextDecoder().decode(stdout);
      },
    };`,
  expect: denied("run", "/bin/cat"),
  control: promptedHost,
  proof: secretReturned,
} satisfies Attack;
