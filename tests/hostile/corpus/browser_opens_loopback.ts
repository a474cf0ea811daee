import { type Attack, js } from "../attack.ts";
import { browserOfOneSite } from "../browser_loan.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "browser_opens_loopback",
  what:
    "Has its browser open a granted name that leads to this machine; the proxy connects to public addresses alone.",
  module: js`
    export default {
      async run(at, ctx) {
        try {
          const page = await ctx.browser.open("http://127.0.0.1:" + at.tcpPort + "/?secret");
          return (await page.snapshot()).json;
        } catch (error) {
          return error.code;
        }
      },
    };`,
  lent: browserOfOneSite,
  needs: ["chromium", "setpriv"],
  limits: { wallMs: 60_000 },
  expect: { outcome: "ok", result: "unavailable" },
  control: alteredCell("a browser that opens every address", { unguarded: true }),
  proof: canaryHit("tcp"),
} satisfies Attack;
