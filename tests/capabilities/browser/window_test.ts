import assert from "node:assert/strict";
import { until } from "../../until.ts";
import { Display, withoutDisplay } from "./display.ts";
import { TestBrowser } from "./fixture.ts";
import { processesOf } from "./processes.ts";
import { TestSite } from "./site.ts";

const SITE = {
  "/": `<body style="background: rgb(10, 170, 90)">`,
  "/two": `<body style="background: rgb(90, 10, 170)">`,
};

/** Of the sign, which is one whole colour. */
const SIGN = [0xb0, 0x00, 0x20] as const;

Deno.test({
  name: "a page and its sign are on the display of the grant, and again after a killed browser",
  ...withoutDisplay,
  fn: async () => {
    await using display = await Display.start();
    await using site = new TestSite(SITE);
    await using browser = new TestBrowser({
      urls: [{ origin: site.origin, internal: true }],
      window: display.name,
    });
    const session = await browser.open(`${site.origin}/`);
    await until(() => display.share(10, 170, 90) > 0.4);
    const processes = await processesOf(browser.folder(), 1);
    assert.ok(!processes.some(({ args }) => /--headless|--no-sandbox/.test(args)));
    await session.call("navigate", { to: `${site.origin}/two` });
    await until(() => display.share(90, 10, 170) > 0.4);
    assert.equal(display.share(10, 170, 90), 0);

    await session.call("sign", { text: "Shared with Ben" });
    await until(() => display.share(...SIGN) > 0.001);

    const { tab } = await session.call("page", { url: `${site.origin}/` });
    await until(() => display.share(10, 170, 90) > 0.4);
    const { targetInfos } = await (await browser.session(session.id)).tab!.send(
      "Target.getTargets",
    );
    const { targetId } = targetInfos.find(({ url }) => url === `${site.origin}/two`)!;
    // As by the tab above the page.
    await (await browser.session(session.id)).tab!.send("Target.activateTarget", { targetId });
    await until(() => display.share(90, 10, 170) > 0.4);
    await session.told("tab", (told) => told.tab === 1 && told.action === "active");
    await session.apply({ type: "tab", tab, action: "close" });

    session.forget();
    Deno.kill((await browser.pid())!, "SIGKILL");
    await session.told("browser", ({ state }) => state === "gone");
    await session.told("browser", ({ state }) => state === "back");
    await until(() => display.share(90, 10, 170) > 0.4 && display.share(...SIGN) > 0.001);
  },
});
