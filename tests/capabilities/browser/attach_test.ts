import assert from "node:assert/strict";
import { until } from "../../until.ts";
import { refuses } from "../fixture.ts";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser } from "./fixture.ts";
import { Person } from "./person.ts";
import { TestSite } from "./site.ts";

Deno.test({
  name: "ctx.browser attaches to a browser that somebody started, hears them and acts beside them",
  ...withoutChromium,
  fn: async () => {
    await using denied = new TestSite({ "/": "denied" });
    await using site = new TestSite({
      "/": `<body style="height: 4000px"><input id=name><input id=pw type=password>
        <button id=go onclick="document.title = 'gone'">go</button>
        <a id=denied target=_blank href="${denied.origin}/">denied</a>`,
    });
    await using other = new TestSite({ "/": "other" });
    await using person = await Person.start();
    await using browser = new TestBrowser({
      urls: [
        { origin: site.origin, internal: true },
        { origin: other.origin, internal: false },
      ],
      attach: person.address,
    });
    const session = await browser.open(`${site.origin}/`);
    const page = await person.at(`${site.origin}/`);
    await page.click("#name");
    await page.type("Ada");
    await session.told("input", ({ value }) => value === "Ada");
    await page.click("#pw");
    await page.type("secret");
    await page.wheel(500);
    await session.told("scroll");
    assert.ok(!JSON.stringify(session.events).includes("secret"));
    session.forget();
    await session.apply({ type: "click", point: { path: "#go", x: 0.5, y: 0.5 } });
    assert.equal(await page.evaluate("document.title"), "gone");
    await session.settled();
    assert.deepEqual(session.ofPerson(), []);
    // A window may begin to load before it is looked at; it is left then.
    await page.click("#denied");
    await session.told("refused", ({ why }) => why === "not_listed");
    await until(async () => {
      const { targetInfos } = await person.link.send("Target.getTargets");
      return !targetInfos.some(({ url }) => url.startsWith(denied.origin));
    });
    // Where no proxy looks, the addresses of documents are looked at.
    await session.call("navigate", { to: `${other.origin}/` }).catch(() => {});
    await session.told("refused", ({ why }) => why === "address");
    assert.deepEqual(other.asked, []);

    person.kill();
    await session.told("browser", ({ state }) => state === "gone");
    await refuses("unavailable", browser.ask("open", { url: `${site.origin}/` }));
  },
});
