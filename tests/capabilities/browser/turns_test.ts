import assert from "node:assert/strict";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser } from "./fixture.ts";
import { Person } from "./person.ts";
import { TestSite } from "./site.ts";

Deno.test("the page that a person turns to is told", withoutChromium, async (t) => {
  await using site = new TestSite({ "/": "one", "/two": "two" });
  await using person = await Person.start();
  await using browser = new TestBrowser({
    urls: [{ origin: site.origin, internal: true }],
    attach: person.address,
  });
  const session = await browser.open(`${site.origin}/`);
  const { tab: second } = await session.call("page", { url: `${site.origin}/two` });
  /** By the tab above the page, and nothing else. */
  const turnsTo = async (path: string) => {
    const { targetInfos } = await person.link.send("Target.getTargets");
    const { targetId } = targetInfos.find(({ url }) => url === site.origin + path)!;
    await person.link.send("Target.activateTarget", { targetId });
  };
  const turns = () => session.events.flatMap((told) => told.type === "tab" ? [told.tab] : []);

  await t.step("there and back, once each", async () => {
    session.forget();
    for (const [path, number] of [["/", 1], ["/two", second], ["/", 1]] as const) {
      await turnsTo(path);
      await session.told("tab", ({ tab, action }) => tab === number && action === "active");
      assert.deepEqual(turns(), [number]);
      session.forget();
    }
  });

  await t.step("and no page that is brought there for somebody else", async () => {
    for (const tab of [second, 1, second, 1, second]) {
      await session.apply({ type: "tab", tab, action: "active" });
    }
    await session.settled();
    assert.deepEqual(turns(), [second, 1, second, 1, second]);
    // It has the focus though the person has turned elsewhere, and takes what is done there.
    session.forget();
    await turnsTo("/");
    await session.told("tab", ({ tab }) => tab === 1);
    assert.deepEqual(turns(), [1]);
  });
});
