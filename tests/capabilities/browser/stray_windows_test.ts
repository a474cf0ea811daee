import assert from "node:assert/strict";
import { until } from "../../until.ts";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser } from "./fixture.ts";
import { TestSite } from "./site.ts";

/** Clicks and keys by which Chromium opens a window that says of no page that it opened it. */
const STRAYS: readonly (readonly [string, object])[] = [
  ["control and a click", click({ modifiers: ["control"] })],
  ["shift and a click", click({ modifiers: ["shift"] })],
  ["a click with the middle button", click({ button: "middle" })],
  ["control and Enter", {
    ...{ type: "key", tab: 1, element: { path: "#link" }, key: "Enter" },
    modifiers: ["control"],
  }],
];

function click(how: object): object {
  return { type: "click", tab: 1, point: { path: "#link", x: 0.5, y: 0.5 }, ...how };
}

Deno.test(
  "no window stands outside of the walls, however it was opened",
  withoutChromium,
  async (t) => {
    await using bank = new TestSite({ "/": "<script>fetch('/ran')</script>", "/ran": "ran" });
    await using site = new TestSite({
      "/denied": `<a id=link href="${bank.origin}/">x</a>`,
      "/in": "in",
      "/allowed": `<a id=link href="/in" target=_blank rel=opener>x</a>`,
      "/tricky": `<p id=link>x</p><a id=hidden href="${bank.origin}/"></a><script>
      addEventListener("click", (event) => event.isTrusted && hidden.dispatchEvent(
        new MouseEvent("click", { ctrlKey: true, bubbles: true })));
    </script>`,
    });
    await using browser = new TestBrowser({
      urls: [site, bank].map(({ origin }) => ({ origin, internal: true })),
      deny: [bank.origin],
    });
    const session = await browser.open(`${site.origin}/denied`);
    const windows = async () => {
      const { tab } = await browser.session(session.id);
      const { targetInfos } = await tab!.send("Target.getTargets");
      return targetInfos.filter(({ type }) => type === "page").length;
    };
    const before = await windows();

    for (const [name, input] of STRAYS) {
      await t.step(`${name} loads no site that is denied, and leaves no window`, async () => {
        session.forget();
        await session.evaluate(`document.querySelector("#link").focus()`);
        await session.apply(input as never);
        await session.told("refused", ({ why }) => why === "popup");
        await until(async () => await windows() === before);
        assert.deepEqual(bank.asked, []);
      });
    }
    await t.step("nor does a page that dispatches such a click itself", async () => {
      await session.call("navigate", { to: `${site.origin}/tricky` });
      await session.ready();
      session.forget();
      await session.apply(click({}) as never);
      await session.told("refused", ({ why }) => why === "popup");
      await until(async () => await windows() === before);
      assert.deepEqual(bank.asked, []);
    });
    await t.step("a window with an opener still opens, within the walls", async () => {
      await session.call("navigate", { to: `${site.origin}/allowed` });
      await session.ready();
      await session.apply(click({}) as never);
      await session.isAt(`${site.origin}/in`, (tab) => tab === 2);
    });
  },
);
