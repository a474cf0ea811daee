import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "invalid_text_on_stdout",
  what: "Forges a line on stdout that is no UTF-8, which lenient readers mend.",
  module: js`
    export default {
      async run(at, ctx) {
        const text = new TextEncoder().encode('{"result":"forged?"}\n');
        text[text.indexOf(63)] = 0xff;
        process.getBuiltinModule("node:fs").writeSync(1, text);
        await new Promise(() => {});
      },
    };`,
  expect: { outcome: "protocol" },
  control: bareHost("lines on stdout as the protocol"),
  proof: believed("forged\ufffd"),
} satisfies Attack;
