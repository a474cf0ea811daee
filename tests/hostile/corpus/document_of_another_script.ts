import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { blobsBesideAnother, PRIVATE_DIGEST } from "../loans.ts";
import { believed } from "../proofs.ts";

export default {
  name: "document_of_another_script",
  what: "Asks for the document of another script by its hash, which it knows; each script sees " +
    "what it put itself.",
  module: js`
    export default {
      async run(at, ctx) {
        const found = await ctx.blobs.get("${PRIVATE_DIGEST}");
        return found ? new TextDecoder().decode(await found.bytes()) : "not there";
      },
    };`,
  lent: blobsBesideAnother,
  expect: { outcome: "ok", result: "not there" },
  control: alteredCell("one shelf for all scripts", { unguarded: true }),
  proof: believed("private"),
} satisfies Attack;
