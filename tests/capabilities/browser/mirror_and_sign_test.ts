import { withoutChromium } from "./chromium.ts";
import { TestBrowser } from "./fixture.ts";
import { TestSite } from "./site.ts";

Deno.test({
  name: "a mirror goes on over navigations, whenever the sign changes",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite({ "/": `<a id=next href="/next">next</a>`, "/next": "there" });
    await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
    const session = await browser.open(`${site.origin}/`);
    // At once, as they are when somebody is let in.
    await Promise.all([
      session.call("sign", { text: "Shared with Ada" }),
      session.call("snapshot"),
    ]);
    await Promise.all([session.call("snapshot"), session.call("sign", { text: "And with Ben" })]);
    session.forget();
    await session.click("#next");
    const { document } = await session.told("navigation");
    await session.told("mirror", (told) => {
      return told.document === document && (told.event as { type: number }).type === 2;
    });
  },
});
