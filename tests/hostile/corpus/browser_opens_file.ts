import { type Attack, js } from "../attack.ts";
import { browserOfOneSite } from "../browser_loan.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "browser_opens_file",
  what: "Has its browser open a file of this machine; pages are of http and https.",
  module: js`
    export default {
      async run(at, ctx) {
        try {
          const page = await ctx.browser.open("file://" + at.secretFile);
          return (await page.snapshot()).json;
        } catch (error) {
          return error.code;
        }
      },
    };`,
  lent: browserOfOneSite,
  needs: ["chromium", "setpriv"],
  limits: { wallMs: 60_000 },
  expect: { outcome: "ok", result: "not_granted" },
  control: alteredCell("a browser that opens every address", { unguarded: true }),
  proof: secretReturned,
} satisfies Attack;
