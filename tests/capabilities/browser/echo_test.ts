import assert from "node:assert/strict";
import type { BrowserInput } from "../../../runtime/sdk/mod.ts";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser } from "./fixture.ts";
import { TestSite } from "./site.ts";

const PAGE = `<body style="height: 3000px">
  <input id=name><textarea id=note></textarea>
  <select id=size><option>S<option>M<option>L</select>
  <label><input type=checkbox id=gift>gift</label>
  <button id=buy onclick="this.dataset.bought = 1">Buy</button>
  <div id=list style="height: 50px; overflow: auto"><div style="height: 500px">long</div></div>
  <p id=text>Some text to mark</p><div contenteditable id=rich>rich</div>
  <a id=next href="/next">next</a>`;

Deno.test({
  name: "three keystrokes are three events, a click is one, and each says where by element",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite({ "/": PAGE });
    await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
    const session = await browser.open(`${site.origin}/`);
    await session.click("#buy");
    await session.settled();
    assert.deepEqual(session.ofPerson(), ["focus", "click"]);
    const { point } = await session.told("click");
    assert.equal(point.path, "#buy");
    assert.ok(Math.abs(point.x - 0.5) < 0.1 && Math.abs(point.y - 0.5) < 0.1);

    await session.click("#name");
    await session.settled();
    session.forget();
    await session.type("Ada");
    await session.settled();
    assert.deepEqual(session.ofPerson(), ["input", "input", "input"]);
    const values = session.events.map((event) => event.type === "input" && event.value);
    assert.deepEqual(values, ["A", "Ad", "Ada"]);

    await session.click("label");
    await session.settled();
    session.forget();
    await session.click("#gift");
    await session.settled();
    assert.deepEqual(session.ofPerson(), ["input"], "a toggle is told as its state alone");
    assert.equal((await session.told("input")).checked, false);
  },
});

Deno.test({
  name: "session.apply() has its effect, and nothing of it is told again",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite({ "/": PAGE, "/next": "next" });
    await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
    const session = await browser.open(`${site.origin}/`);
    const inputs: [BrowserInput, string, unknown][] = [
      [
        { type: "click", point: { path: "#buy", x: 0.5, y: 0.5 } },
        "document.querySelector('#buy').dataset.bought",
        "1",
      ],
      [
        { type: "input", element: { path: "#name" }, value: "Ada" },
        "document.querySelector('#name').value",
        "Ada",
      ],
      [
        { type: "input", element: { path: "#note" }, value: "two\nlines" },
        "document.querySelector('#note').value",
        "two\nlines",
      ],
      [
        { type: "input", element: { path: "#size" }, values: ["M"] },
        "document.querySelector('#size').value",
        "M",
      ],
      [
        { type: "input", element: { path: "#gift" }, checked: true },
        "document.querySelector('#gift').checked",
        true,
      ],
      [
        { type: "input", element: { path: "#rich" }, value: "richer" },
        "document.querySelector('#rich').innerText",
        "richer",
      ],
      [
        { type: "scroll", element: { path: "#list" }, x: 0, y: 1 },
        "document.querySelector('#list').scrollTop",
        450,
      ],
      [
        {
          type: "selection",
          from: { path: "#text", offset: 5 },
          to: { path: "#text", offset: 9 },
        },
        "getSelection().toString()",
        "text",
      ],
      [{ type: "focus", element: { path: "#note" } }, "document.activeElement.id", "note"],
      [{ type: "viewport", width: 700, height: 500 }, "`${innerWidth} ${innerHeight}`", "700 500"],
      [{ type: "scroll", element: null, x: 0, y: 0.5 }, "scrollY > 1000", true],
      [{ type: "pointer", point: { path: "#text", x: 0.5, y: 0.5 } }, "1", 1],
      [
        { type: "click", point: { path: "#name", x: 0.5, y: 0.5 } },
        "document.activeElement.id",
        "name",
      ],
    ];
    for (const [input, effect, expected] of inputs) {
      if (input.type === "pointer") {
        const answer = await session.call("apply", { input });
        assert.deepEqual(answer, { applied: false, why: "hidden" }, "it is scrolled away");
        continue;
      }
      await session.apply(input);
      assert.equal(await session.evaluate(effect), expected, JSON.stringify(input));
    }
    await session.settled();
    assert.deepEqual(session.ofPerson(), []);
    assert.ok(!session.events.some(({ type }) => type === "viewport"));

    await session.apply({ type: "click", point: { path: "#next", x: 0.5, y: 0.5 } });
    const { applied } = await session.told("navigation", ({ url }) => url.endsWith("/next"));
    assert.equal(applied, true, "what an applied click leads to is not to be passed on");
    await session.apply({ type: "navigation", url: `${site.origin}/` });
    await session.settled();
    assert.deepEqual(session.ofPerson(), []);
    // And the person still is heard.
    await session.ready();
    await session.click("#next");
    await session.told("click");
    const own = await session.told("navigation", ({ url, applied }) => {
      return url.endsWith("/next") && !applied;
    });
    assert.ok(own);
  },
});

Deno.test({
  name: "session.apply() drives nothing that is masked, covered, gone or not a field's state",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite({
      "/": `<input id=pw type=password><input id=iban class=iban>
        <div class=payroll><button id=raise onclick="document.title = 'raised'">raise</button></div>
        <button id=covered style="position: absolute; top: 200px">covered</button>
        <div id=trap style="position: absolute; top: 150px; width: 500px; height: 200px"></div>
        <input id=off disabled>`,
    });
    await using browser = new TestBrowser({
      urls: [{ origin: site.origin, internal: true }],
      mask: [".iban"],
      hide: [".payroll"],
    });
    const session = await browser.open(`${site.origin}/`);
    const click = (path: string) => ({ type: "click", point: { path, x: 0.5, y: 0.5 } });
    const write = (path: string) => ({ type: "input", element: { path }, value: "x" });
    const table: [object, string][] = [
      [click("#pw"), "masked"],
      [write("#pw"), "masked"],
      [{ type: "focus", element: { path: "#pw" } }, "masked"],
      [{ type: "key", element: { path: "#pw" }, key: "Enter" }, "masked"],
      [write("#iban"), "masked"],
      [click("#raise"), "masked"],
      [click("#covered"), "hidden"],
      [click("#nothing"), "gone"],
      [click("not a [selector"), "gone"],
      [write("#off"), "refused"],
      [write("#covered"), "refused"],
      [{ type: "click", point: { x: 0.5, y: 0.5 } }, "gone"],
      [{ ...click("#covered"), tab: 9 }, "gone"],
    ];
    for (const [input, why] of table) {
      const answer = await session.call("apply", { input });
      assert.deepEqual(answer, { applied: false, why }, JSON.stringify(input));
    }
    assert.notEqual(await session.evaluate("document.title"), "raised");
  },
});

Deno.test({
  name: "Enter in a form is one key, whoever presses it, and sends the form once",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite({
      "/": `<form action="/sent"><input id=name name=name><button>Send</button></form>`,
      "/sent": "sent",
    });
    await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
    const session = await browser.open(`${site.origin}/`);
    await session.click("#name");
    await session.settled();
    session.forget();
    await session.press("Enter");
    await session.told("navigation", ({ url }) => url.includes("/sent"));
    assert.deepEqual(session.ofPerson(), ["key"]);
    const { key, element } = await session.told("key");
    assert.deepEqual([key, element?.path], ["Enter", "#name"]);
    await session.call("navigate", { to: `${site.origin}/` });
    await session.ready();
    session.forget();
    await session.apply({ type: "key", element: { path: "#name" }, key: "Enter" });
    await session.told("navigation", ({ url, applied }) => applied && url.includes("/sent"));
    assert.deepEqual(session.ofPerson(), []);
    assert.equal(site.asked.filter((path) => path === "/sent").length, 2);
  },
});

Deno.test({
  name: "the sign, pointers and frames are over the page, and in no mirror of it",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite({ "/": "<button id=b>b</button>", "/two": "two" });
    await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
    const session = await browser.open(`${site.origin}/`);
    const shown = `document.querySelector("writ-overlay") !== null`;
    assert.equal(await session.evaluate(shown), false);
    await session.call("sign", { text: "Shared with Ada" });
    assert.equal(await session.evaluate(shown), true);
    assert.equal(await session.evaluate(`document.querySelector("writ-overlay").shadowRoot`), null);
    const at = { path: "#b", x: 0.5, y: 0.5 };
    const look = { color: "#aa0000", label: "Ada" };
    await session.call("draw", { kind: "pointer", mark: "ada", at, look });
    await session.call("draw", { kind: "frame", mark: "ada", at: { path: "#b" }, look });
    await session.apply({ type: "click", point: at });
    const { snapshot } = await session.call("snapshot");
    const mirror = new TextDecoder().decode(await session.call("read", { snapshot, offset: 0 }));
    assert.ok(mirror.includes(">b<") || mirror.includes('"b"'));
    assert.ok(!mirror.includes("Ada"));
    await session.call("navigate", { to: `${site.origin}/two` });
    await session.ready();
    assert.equal(await session.evaluate(shown), true, "it stays over a navigation");
    await session.call("sign", { text: null });
    await session.call("navigate", { to: `${site.origin}/` });
    await session.ready();
    assert.equal(await session.evaluate(shown), false);
  },
});
