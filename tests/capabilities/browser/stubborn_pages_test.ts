import assert from "node:assert/strict";
import { refuses } from "../fixture.ts";
import { PATIENCE_MS } from "../../within.ts";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser } from "./fixture.ts";
import { TestSite } from "./site.ts";

const SIGN = "Shared with Ada";
/** What the page's own script cannot see. */
const isShown = `(() => {
  const host = document.querySelector("writ-overlay");
  return host !== null && host.matches(":popover-open");
})()`;
const PAGES = {
  "/": `<input id=name><dialog id=dialog>asks</dialog>`,
  "/blank": "",
  "/forges": `<input id=text><input id=box type=checkbox>`,
  "/zoomed": "<style>html { zoom: .02 } body { zoom: 50 }</style>",
  "/shadow": `<div id=host></div><script>
    const root = host.attachShadow({ mode: "closed" });
    root.innerHTML = \`<p popover=manual style="inset: 0; margin: 0; width: 100%; height: 60px">over</p>\`;
    setTimeout(() => {
      root.firstChild.showPopover();
      globalThis.isOver = true;
    }, 100);
  </script>`,
  "/pin": `<input id=pin type=password value=1795><input id=word type=password value=true>
    <input id=name>`,
  "/links": `<a id=opener href=/in target=_blank rel=opener>x</a>
    <a id=none href=/in target=_blank rel=noopener>y</a>`,
  "/in": `<input id=card autocomplete=cc-number value=4929123412341234><input id=name>`,
};

Deno.test("pages that would be rid of what stands round them", withoutChromium, async (t) => {
  await using site = new TestSite(PAGES);
  const urls = [{ origin: site.origin, internal: true }];
  await using browser = new TestBrowser({ urls, pages: 3 });
  const session = await browser.open(`${site.origin}/`);
  const until = async (holds: string) => {
    const late = AbortSignal.timeout(PATIENCE_MS);
    while (!await session.evaluate(holds)) late.throwIfAborted();
  };

  await t.step("the sign comes back over whatever a page puts there or takes away", async () => {
    await session.call("sign", { text: SIGN });
    assert.ok(await session.evaluate(isShown));
    await session.evaluate(`document.querySelector("writ-overlay").remove()`);
    await until(isShown);
    await session.evaluate(`document.documentElement.innerHTML =
      "<head></head><body><dialog id=dialog>new</dialog><p popover id=tip>tip</p></body>"`);
    await until(isShown);
    // What entered the top layer last lies over all that was there before.
    for (const over of [`dialog").showModal()`, `tip").showPopover()`]) {
      await session.evaluate(`globalThis.last = undefined;
        document.addEventListener("toggle", (event) => {
          if (event.newState === "open") globalThis.last = event.target.localName;
        }, true);
        document.querySelector("#${over}; 1`);
      await until(`globalThis.last === "writ-overlay"`);
    }
    await session.evaluate(`document.open(); document.write("<p>written anew"); document.close()`);
    await until(isShown);
  });

  await t.step("a page that knows of the sign cannot be rid of it either", async () => {
    const sign = `document.querySelector("writ-overlay")`;
    await session.call("navigate", { to: `${site.origin}/` });
    await session.ready();
    const rid = [
      `${sign}.hidePopover()`,
      `${sign}.removeAttribute("popover")`,
      `addEventListener("toggle", (event) => event.stopImmediatePropagation(), true);
        ${sign}.hidePopover()`,
    ];
    for (const how of rid) {
      assert.ok(await session.evaluate(isShown), how);
      assert.equal(await session.evaluate(`${how}; ${isShown}`), false, how);
      await until(isShown);
    }
    // It lies over the top layer, and would for a minute.
    await session.evaluate(`document.body.insertAdjacentHTML("beforeend",
      "<style>::view-transition-group(*) { animation-duration: 60s; }</style>");
      document.startViewTransition(() => {}).ready.then(() => 1)`);
    await until("document.activeViewTransition === null");
  });

  await t.step(
    "it is as large as ever in a page that is zoomed, and over what a shadow hides",
    async () => {
      /** Of the place where the sign is, and nothing else. */
      const picture = async () => {
        const { tab } = await browser.session(session.id);
        const clip = { x: 400, y: 0, width: 200, height: 24, scale: 1 };
        return (await tab!.send("Page.captureScreenshot", { format: "png", clip })).data;
      };
      const shown: string[] = [];
      for (const path of ["/blank", "/zoomed", "/shadow"]) {
        await session.call("navigate", { to: site.origin + path });
        await session.ready();
        await until(isShown);
        const late = AbortSignal.timeout(PATIENCE_MS);
        do shown.push(await picture()); while (shown.at(-1) !== shown[0] && !late.aborted);
        assert.equal(shown.at(-1), shown[0], path);
      }
      await session.call("sign", { text: null });
      assert.notEqual(await picture(), shown[0], "the control: there is a sign in it");
      await session.call("sign", { text: SIGN });
    },
  );

  await t.step(
    "what its script types or ticks is nobody's doing, and told as such to nobody",
    async () => {
      await session.call("navigate", { to: `${site.origin}/forges` });
      await session.ready();
      session.forget();
      await session.evaluate(`box.click(); text.focus();
      document.execCommand("insertText", false, "forged"); 1`);
      assert.equal(await session.evaluate("text.value + box.checked"), "forgedtrue");
      await session.settled();
      assert.deepEqual(session.ofPerson(), []);
      await session.type("!");
      await session.told("input", ({ value }) => value === "forged!");
      await session.click("#box");
      await session.told("input", ({ checked }) => checked === false);
    },
  );

  await t.step("a page that takes the sign away without end is left", async () => {
    await session.evaluate(`setInterval(() => {
      document.querySelector("writ-overlay")?.hidePopover();
    }, 1); 1`);
    await session.told("refused", ({ why }) => why === "sign");
    await until(`location.href === "about:blank"`);
  });

  await t.step("a secret of four digits, or a word of JSON, costs nobody anything", async () => {
    const pid = await browser.pid();
    await session.call("navigate", { to: `${site.origin}/pin` });
    await session.call("snapshot");
    await session.click("#name");
    await session.type("at 1795 it is true");
    const { element } = await session.told(
      "input",
      (told) => told.value?.endsWith("is ••••••••") ?? false,
    );
    assert.equal(element.path, "#name");
    assert.doesNotMatch(JSON.stringify(session.events), /\b1795\b/);
    assert.ok(!session.events.some(({ type }) => type === "lost"));
    assert.equal(await browser.pid(), pid);
  });

  await t.step(
    "what a page says to nobody costs nobody the browser, however long it is",
    async () => {
      const pid = await browser.pid();
      await session.evaluate(`console.log("z".repeat(70e6))`);
      await session.apply({ type: "input", element: { path: "#name" }, value: "still here" });
      assert.equal(await browser.pid(), pid);
      assert.ok(!session.events.some(({ type }) => type === "browser"));
    },
  );

  await t.step("a window without an opener opens within its walls, and counts", async () => {
    await session.call("navigate", { to: `${site.origin}/links` });
    await session.ready();
    const click = (path: string) =>
      session.call("apply", { input: { type: "click", tab: 1, point: { path, x: 0.5, y: 0.5 } } });
    for (const [at, path] of ["#none", "#opener"].entries()) {
      await click(path);
      await session.isAt(`${site.origin}/in`, (tab) => tab === at + 2);
    }
    session.forget();
    for (const path of ["#none", "#opener"]) {
      await click(path);
      await session.told("refused", ({ why }) => why === "popup");
      session.forget();
    }
    const { tab } = await browser.session(session.id);
    const pages = async () => {
      const { targetInfos } = await tab!.send("Target.getTargets");
      return targetInfos.filter(({ type, url }) => type === "page" && url !== "about:blank").length;
    };
    const late = AbortSignal.timeout(PATIENCE_MS);
    while (await pages() > 3) late.throwIfAborted();
    const state = JSON.stringify(await session.call("state"));
    assert.equal(state.split("/in").length, 3, state);
    assert.ok(!state.includes("4929"), "their masks hold");
    await session.apply({ type: "input", tab: 2, element: { path: "#name" }, value: "driven" });
    const drive = { type: "input", tab: 2, element: { path: "#card" }, value: "x" };
    assert.equal((await session.call("apply", { input: drive })).why, "masked");
  });

  await t.step("pictures go on with the page that is looked at, whichever that is", async () => {
    const { stream } = await session.call("stream");
    await refuses("not_found", session.call("frame", { stream, offset: 0 }));
    await session.call("frame", { stream });
    const tab = 2;
    // Pages that stand still give no picture of their own accord.
    for (const active of [1, tab, 1]) {
      const next = session.call("frame", { stream });
      await session.apply({ type: "tab", tab: active, action: "active" });
      assert.ok((await next).length > 0);
    }
    const next = session.call("frame", { stream });
    await session.apply({ type: "tab", tab, action: "active" });
    await next;
    const last = session.call("frame", { stream });
    await session.apply({ type: "tab", tab, action: "close" });
    assert.ok((await last).length > 0);
    await session.call("unstream", { stream });
  });
});
