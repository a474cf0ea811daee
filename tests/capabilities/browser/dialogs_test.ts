import assert from "node:assert/strict";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser, type TestSession } from "./fixture.ts";
import { Person } from "./person.ts";
import { TestSite } from "./site.ts";

const SITE = {
  "/": "<input id=name>",
  "/asks": `<script>setInterval(() => { alert(1); confirm(2); prompt(3); }, 1)</script>`,
};

/** Leaves a page that asks without end. */
async function leave(session: TestSession, { origin }: TestSite): Promise<void> {
  await session.call("navigate", { to: `${origin}/asks` });
  await session.call("navigate", { to: `${origin}/` });
}

async function mayType(session: TestSession): Promise<void> {
  await session.apply({ type: "input", element: { path: "#name" }, value: "Ada" });
}

Deno.test("a page that asks without end is left all the same", withoutChromium, async () => {
  await using site = new TestSite(SITE);
  await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
  const session = await browser.open(`${site.origin}/`);
  for (let round = 0; round < 5; round++) {
    await leave(session, site);
    await mayType(session);
  }
  assert.ok(!session.events.some(({ type }) => type === "browser"));
});

Deno.test({
  name: "a page that hangs as it is left, in somebody's own browser, is replaced by another",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite(SITE);
    await using person = await Person.start();
    await using browser = new TestBrowser({
      urls: [{ origin: site.origin, internal: true }],
      attach: person.address,
      pages: 1,
    });
    const session = await browser.open(`${site.origin}/`);
    const { tab } = await browser.session(session.id);
    // Two of three times it hangs.
    for (let round = 0; round < 30; round++) {
      session.forget();
      await leave(session, site);
      const answers = tab!.send("Runtime.evaluate", { expression: "1" }).then(
        () => true,
        () => false,
      );
      if (!await answers) break;
    }
    await session.told("browser", ({ state }) => state === "back");
    await session.isAt(`${site.origin}/`, (number) => number === 1);
    await mayType(session);
    assert.ok(!session.events.some(({ type }) => type === "tab"));
    const { targetInfos } = await person.link.send("Target.getTargets");
    assert.equal(targetInfos.filter(({ url }) => url.startsWith(site.origin)).length, 1);
  },
});
