import assert from "node:assert/strict";
import { WIRE_LIMITS } from "../../scripts/co-browse/wire/limits.ts";
import type { Browser } from "../hub/console/browser.ts";
import { withoutChromium } from "../capabilities/browser/chromium.ts";
import { until } from "../until.ts";
import {
  fitsAPhone,
  isLegible,
  isToldToScreenReaders,
  pixelsOf,
  placesOn,
  tabTo,
} from "./page_checks.ts";
import { ViewerStage } from "./viewer_stage.ts";

const enter = (browser: Browser) => browser.press("Enter", 13, "\r");
const stands = (browser: Browser, text: string) =>
  browser.until(`document.querySelector("#status").textContent === ${JSON.stringify(text)}`);
const isIn = `!document.querySelector("#room").hidden`;
const selected = (tab: number) => `document.querySelector("#tab-${tab}")?.ariaSelected === "true"`;
const reload = (browser: Browser) => browser.go(() => browser.send("Page.reload"));

Deno.test(
  "whoever has a link joins, asks, turns pages, points, chats and leaves by keyboard alone",
  withoutChromium,
  async (t) => {
    await using stage = await ViewerStage.open();
    const { browser, shared } = stage;
    const checks = async () => {
      await isToldToScreenReaders(browser);
      await fitsAPhone(browser);
      await isLegible(browser);
    };
    await browser.open(`${stage.endpoint}/join#${await stage.invitation()}`);

    await t.step(
      "says a name at the door, and waits, also when the page is loaded anew",
      async () => {
        await checks();
        await tabTo(browser, "Your name, as others see it");
        await browser.send("Input.insertText", { text: "Cleo" });
        await enter(browser);
        await stands(browser, "Anna is asked to let you in");
        assert.equal(await browser.eval("location.hash"), "");
        await checks();
        await reload(browser);
        await stands(browser, "Anna is asked to let you in");
        assert.equal((await stage.people()).length, 2);
      },
    );

    const cleo = await stage.admit("Cleo");
    using ben = await stage.comes("Ben");
    await stage.admit("Ben");

    await t.step("sees the page, who is there, and what can be done", async () => {
      await browser.until(isIn);
      await stands(browser, "Anna has control");
      await stage.untilInFrame("document.body.innerText.includes('Three')");
      const roles = (await browser.names()).map(({ role }) => role);
      for (const role of ["complementary", "log", "tablist", "tabpanel", "tab"]) {
        assert.ok(roles.includes(role), role);
      }
      await checks();
    });

    await t.step("turns no page without control", async () => {
      await tabTo(browser, "shop.example");
      await browser.press("ArrowRight", 39);
      await enter(browser);
      await browser.until(`document.querySelector("#notice").textContent.includes("control")`);
      assert.deepEqual(shared.applied, []);
    });

    await t.step("asks for control, and turns to another page once it is given", async () => {
      await tabTo(browser, "Ask for control");
      await enter(browser);
      await stands(browser, "You asked for control; Anna decides");
      await stage.do({ do: "give", person: cleo });
      await stands(browser, "You have control");
      await checks();
      await tabTo(browser, "shop.example");
      await browser.press("ArrowRight", 39);
      await enter(browser);
      await browser.until(selected(2));
      assert.deepEqual(shared.applied, [{ type: "tab", tab: 2, action: "active" }]);
      const focused = await browser.eval("document.activeElement.id");
      assert.equal(focused, "tab-2");
      await stage.untilInFrame("document.body.innerText.includes('Page 2')");
    });

    await t.step("hands control over to somebody else", async () => {
      await tabTo(browser, "Hand control over: Ben");
      await enter(browser);
      await stands(browser, "Ben has control");
      assert.equal(await browser.eval("document.querySelector('#people button')"), null);
      await stage.do({ do: "give", person: cleo });
      await stands(browser, "You have control");
    });

    await t.step("points something out, which all others see for a while", async () => {
      await tabTo(browser, "Point out");
      await browser.press(" ", 32, " ");
      await browser.until(`document.querySelector("#notice").textContent.startsWith("Press")`);
      for (let i = 0; i < 3; i++) await browser.press("ArrowDown", 40);
      await browser.until(`document.querySelector("#notice").textContent === "Buy"`);
      await enter(browser);
      const { from, element } = await ben.told("mark");
      assert.equal(from, cleo);
      assert.equal((element as { path: string }).path, "#buy");
      assert.deepEqual(shared.marked.map(([id, , look]) => [id, look?.label, look?.ms]), [
        [cleo, "Cleo", WIRE_LIMITS.MARK_MS],
      ]);
      await browser.press("Escape", 27);
      await browser.until(`document.querySelector("#point").ariaPressed === "false"`);
      assert.equal(await browser.eval("document.activeElement.id"), "point");
    });

    await t.step(
      "draws with the pointer, which all others see until it is taken away",
      async () => {
        await tabTo(browser, "Draw");
        await enter(browser);
        await browser.until(`document.querySelector("#notice").textContent.startsWith("Draw")`);
        const places = await placesOn(browser, [60, 40], [120, 60], [200, 40]);
        const mouse = (type: "mousePressed" | "mouseMoved" | "mouseReleased", at = places[0]!) =>
          browser.send("Input.dispatchMouseEvent", { type, ...at, button: "left", clickCount: 1 });
        await mouse("mousePressed");
        for (const at of places) await mouse("mouseMoved", at);
        await mouse("mouseReleased", places[2]);
        const line = () => shared.marked.findLast(([, , look]) => look?.line)?.[2];
        await until(() => line()?.line?.length === 3);
        assert.deepEqual([line()?.label, line()?.ms], ["Cleo", WIRE_LIMITS.STROKE_MS]);
        const { from, stroke } = await ben.told("draw");
        assert.equal(from, cleo);
        assert.equal((stroke!.element as { path: string }).path, "#title");
        assert.deepEqual(shared.applied.length, 1, "nothing was pressed in the page");
        await browser.press("Escape", 27);
        await ben.told("draw", ({ stroke }) => stroke === null);
        await browser.until(`document.querySelector("#draw").ariaPressed === "false"`);
        assert.equal(await browser.eval("document.activeElement.id"), "draw");
      },
    );

    await t.step("sees what another draws, until it is taken away", async () => {
      const { color } = await stage.who("Ben", "viewer");
      assert.equal(await pixelsOf(browser, color), 0);
      const points: [number, number][] = [[0.1, 0.5], [0.6, 0.8], [0.9, 0.2]];
      ben.say({ t: "draw", stroke: { n: 1, element: { path: "#title" }, points } });
      await until(async () => await pixelsOf(browser, color) > 200);
      ben.say({ t: "draw", stroke: null });
      await until(async () => await pixelsOf(browser, color) === 0);
    });

    await t.step("sees what another points out", async () => {
      ben.say({ t: "mark", element: { path: "#title" } });
      await browser.until(`document.querySelector("#notice").textContent.startsWith("Ben points")`);
    });

    await t.step("writes nothing into a masked field, and sees that", async () => {
      await tabTo(browser, "Leave");
      const isThere = () => browser.evalInFrame<boolean>(`document.activeElement.id === "iban"`);
      for (let steps = 0; steps < 8 && !await isThere(); steps++) await browser.press("Tab", 9);
      await browser.press("7", 55, "7");
      await browser.until(`document.querySelector("#notice").textContent.includes("masked")`);
      await stage.untilInFrame(`iban.value === "••••••"`);
    });

    await t.step("chats", async () => {
      await tabTo(browser, "Say something");
      await browser.send("Input.insertText", { text: "That one" });
      await enter(browser);
      assert.deepEqual((await ben.told("said")).text, "That one");
      await browser.until(`document.querySelector("#lines").innerText.includes("Cleo: That one")`);
    });

    await t.step(
      "is there again when the page was loaded anew, and still has control",
      async () => {
        await reload(browser);
        await browser.until(isIn);
        await stands(browser, "You have control");
        assert.equal((await stage.people()).length, 3);
      },
    );

    await t.step("leaves, and stays out", async () => {
      await tabTo(browser, "Leave");
      await enter(browser);
      const title = `document.querySelector("#over-title").textContent`;
      await browser.until(`${title} === "You have left"`);
      assert.equal(await browser.eval("document.activeElement.id"), "over");
      await checks();
      await until(async () => (await stage.people()).every(({ name }) => name !== "Cleo"));
      await reload(browser);
      assert.equal(await browser.eval(title), "You have left");
    });
    assert.deepEqual(browser.complaints, []);
  },
);
