import { type Attack, js } from "../attack.ts";
import { browserOfOneSite } from "../browser_loan.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "browser_opens_other_site",
  what: "Has its browser open a site that the grant does not list.",
  module: js`
    export default {
      async run(at, ctx) {
        try {
          const page = await ctx.browser.open("http://localhost:" + at.tcpPort + "/?secret");
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
  proof: canaryHit("tcp"),
} satisfies Attack;
