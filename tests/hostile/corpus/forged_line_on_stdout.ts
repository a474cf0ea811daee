import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "forged_line_on_stdout",
  what: "Writes an answer to stdout in the words of a protocol of lines.",
  module: js`
    export default {
      async run(at, ctx) {
        process.getBuiltinModule("node:fs").writeSync(1, '{"result":"forged"}\n');
        await new Promise(() => {});
      },
    };`,
  expect: { outcome: "protocol" },
  control: bareHost("lines on stdout as the protocol"),
  proof: believed("forged"),
} satisfies Attack;
