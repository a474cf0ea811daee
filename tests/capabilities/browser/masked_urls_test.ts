import assert from "node:assert/strict";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser } from "./fixture.ts";
import { TestSite } from "./site.ts";
import { everythingTold } from "./told.ts";

const SECRET = "hunter2 ü/secret";
const ENCODED = encodeURIComponent(SECRET);

Deno.test({
  name: "an address tells nothing that a page has copied out of a masked field, wherever it leads",
  ...withoutChromium,
  fn: async (t) => {
    const page = "<input type=password id=pw><input id=open><button id=go>go</button>";
    const sendOn = ({ url }: Request) => Response.redirect(url.replace("/sent?", "/come?in="), 302);
    const come =
      "<p id=said></p><script>said.textContent = decodeURIComponent(location.search)</script>";
    const pages = { "/": page, "/next": page, "/open": page, "/sent": sendOn, "/come": come };
    await using site = new TestSite(pages);
    await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
    const session = await browser.open(`${site.origin}/`);
    const cases = {
      "pushState, in the path":
        "history.pushState(null, '', '/in/' + encodeURIComponent(pw.value))",
      "replaceState, in the query": "history.replaceState(null, '', '/in?q=' + pw.value)",
      "the part behind the hash": "location.hash = pw.value",
      "another document":
        "location.href = '/next?q=' + encodeURIComponent(pw.value) + '#' + pw.value",
      "a document that the server sends on to":
        "location.href = '/sent?q=' + encodeURIComponent(pw.value)",
    };
    for (const [name, script] of Object.entries(cases)) {
      await t.step(name, async () => {
        await session.call("navigate", { to: `${site.origin}/` });
        await session.ready();
        await session.evaluate(`pw.value = ${JSON.stringify(SECRET)}; open.value = "in-clear"`);
        session.forget();
        await session.evaluate(`go.onclick = () => { ${script} }`);
        await session.click("#go");
        const { url, masked } = await session.told("navigation");
        assert.ok(url.startsWith(`${site.origin}/`), url);
        assert.equal(masked, true, url);
        await session.ready();
        const all = await everythingTold(session);
        for (const part of [SECRET, ENCODED, "hunter2"]) assert.ok(!all.includes(part), all);
      });
    }
    await t.step("the control: what a server says of others is told", async () => {
      session.forget();
      await session.call("navigate", { to: `${site.origin}/sent?q=in-clear` });
      assert.match((await session.told("navigation")).url, /\/come\?in=q=in-clear$/);
      assert.match(await everythingTold(session), /textContent":"\?in=q=in-clear"/);
    });
    await t.step("the control: what stands in others is told", async () => {
      session.forget();
      await session.evaluate("history.pushState(null, '', '/open?q=' + (open.value = 'in-clear'))");
      assert.match((await session.told("navigation")).url, /\/open\?q=in-clear$/);
    });
  },
});
