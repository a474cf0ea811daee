import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "function_in_document",
  what: "Attacks by a document, whose author has a say in nothing: it holds a function, which " +
    "the script's parser makes and calls, as one of YAML did.",
  advisory: "CVE-2021-42139",
  module: js`
    export default {
      async run(at, ctx) {
        const document = new TextDecoder().decode(await ctx.attachments[0].bytes());
        const [, body] = /^title: !!js\/function '(.*)'$/.exec(document);
        const title = new Function("return " + body)();
        return { title: title(at) };
      },
    };`,
  attachment: "title: !!js/function '(at) => Deno.readTextFileSync(at.secretFile)'",
  expect: denied("read"),
  control: alteredCell("read granted", { rights: holding("read") }),
  proof: secretReturned,
} satisfies Attack;
