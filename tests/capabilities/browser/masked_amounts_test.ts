import assert from "node:assert/strict";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser, type TestSession } from "./fixture.ts";
import { TestSite } from "./site.ts";
import { changesOf, everythingTold } from "./told.ts";

/** Kinds of changes, as rrweb counts them. */
const NODES = 0;
const SCROLL = 3;

/** What somebody does where nobody sees it, and the same in the open. */
interface Case {
  readonly page: string;
  readonly act: (session: TestSession, where: string) => Promise<void>;
  /** What the latter tells. */
  readonly told: (session: TestSession) => boolean;
}

const KEYPAD = `<button class=key onclick="this.className = 'key used';
  this.parentNode.querySelector('p').append('*')">1</button><p></p>`;
async function moves(session: TestSession, where: string): Promise<void> {
  const { x, y } = await session.evaluate<{ x: number; y: number }>(
    `document.querySelector("${where} button").getBoundingClientRect().toJSON()`,
  );
  await session.move(x + 5, y + 5);
  await session.move(x + 6, y + 6);
}
function tellsPresses({ events }: TestSession): boolean {
  return ["focus", "click", "mirror"].every((kind) => events.some(({ type }) => type === kind));
}

const CASES: Record<string, Case> = {
  "how far a field is scrolled that is full": {
    page: `<p id=masked><input type=password style="width: 60px"></p>
      <p id=shown><input style="width: 60px"></p>`,
    act: async (session, where) => {
      await session.click(`${where} input`);
      await session.type("a");
      await session.settled();
      session.forget(); // that something stands there is told
      await session.type("a".repeat(30));
    },
    told: (session) => changesOf(session, SCROLL) > 0,
  },
  "how a field grows": {
    page: `<p id=masked><input type=password oninput="grow(this)"></p>
      <p id=shown><input oninput="grow(this)"></p><script>const grow = (field) => {
        field.style.width = field.value.length + "ch";
        field.className = "typed" + field.value.length; }</script>`,
    act: async (session, where) => {
      await session.click(`${where} input`);
      await session.type("a");
      await session.settled();
      session.forget();
      await session.type("aaa");
    },
    told: (session) => changesOf(session, NODES) > 0,
  },
  "which key of a keypad is pressed": {
    page: `<div id=masked class=iban>${KEYPAD}</div><div id=shown>${KEYPAD}</div>`,
    act: (session, where) => session.click(`${where} .key`),
    told: tellsPresses,
  },
  "which key of a hidden keypad is pressed": {
    page: `<div id=masked class=payroll>${KEYPAD}</div><div id=shown>${KEYPAD}</div>`,
    act: (session, where) => session.click(`${where} .key`),
    told: tellsPresses,
  },
  "where the pointer is": {
    page: `<div id=masked class=iban>${KEYPAD}</div><div id=shown>${KEYPAD}</div>`,
    act: moves,
    told: ({ events }) => events.some(({ type }) => type === "pointer"),
  },
  "how much stands before a place that is selected": {
    page: `<p id=masked>one <b class=iban>DE02</b><br><i>two</i> three</p>
      <p id=shown>one <b>DE02</b><br><i>two</i> three</p>`,
    act: async (session, where) => {
      await session.click("body");
      await session.told("click");
      await session.settled();
      session.forget();
      await session.evaluate(`(() => {
        const { lastChild } = document.querySelector("${where}");
        getSelection().setBaseAndExtent(lastChild, 1, lastChild, 4);
      })()`);
    },
    told: ({ events }) => events.some(({ type }) => type === "selection"),
  },
};

Deno.test({
  name: "nothing tells how much is typed where nobody sees it, or with which keys",
  ...withoutChromium,
  fn: async (t) => {
    const pages = Object.values(CASES).map(({ page }, n) => [`/${n}`, page]);
    await using site = new TestSite(Object.fromEntries(pages));
    await using browser = new TestBrowser({
      urls: [{ origin: site.origin, internal: true }],
      mask: [".iban"],
      hide: [".payroll"],
    });
    const session = await browser.open(`${site.origin}/0`);
    for (const [n, [name, { act, told }]] of Object.entries(CASES).entries()) {
      await t.step(name, async () => {
        await session.call("navigate", { to: `${site.origin}/${n}` });
        await session.told("navigation", ({ url }) => url.endsWith(`/${n}`));
        await session.ready();
        await everythingTold(session);
        await session.settled();
        session.forget();
        await act(session, "#masked");
        await session.settled();
        assert.deepEqual(session.events, []);
        await act(session, "#shown");
        await session.settled();
        assert.ok(told(session), JSON.stringify(session.events));
      });
    }
  },
});
