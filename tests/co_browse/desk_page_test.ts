import assert from "node:assert/strict";
import { readInvitation } from "../../scripts/co-browse/keys.ts";
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

Deno.test(
  "the sharing person invites, lets in, looks, points and stops by keyboard alone",
  withoutChromium,
  async (t) => {
    await using stage = await ViewerStage.open();
    const { browser, shared } = stage;
    const enter = () => browser.press("Enter", 13, "\r");
    const stands = (text: string) =>
      browser.until(`document.querySelector("#status").textContent === ${JSON.stringify(text)}`);
    const valueOf = (id: string) => browser.eval<string>(`document.querySelector("#${id}").value`);
    const isHidden = (id: string) =>
      browser.eval<boolean>(`document.querySelector("#${id}").hidden`);
    const checks = async () => {
      await isToldToScreenReaders(browser);
      await fitsAPhone(browser);
      await isLegible(browser);
    };
    await browser.open(`${stage.endpoint}/`);
    await stands("Nobody sees your browser");
    await checks();

    await t.step("hands on a link that others can open, and a line for an agent", async () => {
      await tabTo(browser, "Somebody who may ask for control");
      await enter();
      await browser.until(`!document.querySelector("#invited").hidden`);
      assert.equal(await isHidden("near"), false);
      await tabTo(browser, "Where others reach this agent");
      await browser.send("Input.insertText", { text: "https://anna.example:8799/" });
      assert.equal(await isHidden("near"), true);
      const link = new URL(await valueOf("invitation"));
      const invited = link.hash.slice(1);
      assert.equal(link.origin + link.pathname, "https://anna.example:8799/s/acme/co-browse/join");
      assert.ok(readInvitation(invited));
      assert.equal(
        await valueOf("order"),
        "writ order acme/co-browse --follow --input " +
          `'{"do":"join","peer":"writ-key:anna","invitation":"${invited}"}'`,
      );
      await checks();
      await tabTo(browser, "Copy the line");
      await enter();
      await browser.until(`document.querySelector("#notice").textContent === "Copied"`);
    });

    using ben = await stage.comes("Ben");

    await t.step("lets somebody in who asks; the invitation is used up and gone", async () => {
      await stands("“Ben” asks to be let in");
      assert.match(await browser.eval<string>("document.title"), /^“Ben” asks/);
      assert.equal(await isHidden("invited"), true);
      await tabTo(browser, "Let in: Ben");
      await enter();
      await ben.told("welcome");
      await stands("One person sees your browser; you have control");
    });

    await t.step("sees who asks for control, only as long as it is open", async () => {
      ben.say({ t: "ask" });
      await stands("“Ben” asks for control");
      await tabTo(browser, "Give control: Ben");
      await enter();
      await stands("One person sees your browser; Ben has control");
      await tabTo(browser, "Take control");
      await enter();
      await stands("One person sees your browser; you have control");
    });

    await t.step("sees what others see, and points something out in it", async () => {
      await tabTo(browser, "See what others see");
      await enter();
      await stage.untilInFrame("document.body.innerText.includes('Three')");
      await checks();
      await tabTo(browser, "Point out");
      await enter();
      await browser.until(`document.querySelector("#notice").textContent.startsWith("Press")`);
      await browser.press("ArrowDown", 40);
      await browser.until(`document.querySelector("#notice").textContent === "Page 1"`);
      await enter();
      const { from, element } = await ben.told("mark");
      assert.deepEqual([from, (element as { path: string }).path], ["p0", "#title"]);
      assert.equal(shared.marked[0]![2]?.label, "Anna");
    });

    await t.step("sees others' pointers and what they draw, and draws with a finger", async () => {
      await browser.press("Escape", 27);
      const { color } = await stage.who("Ben", "viewer");
      await until(async () => await pixelsOf(browser, color) === 0);
      ben.say({ t: "point", at: { path: "#title", x: 0.5, y: 0.5 } });
      await until(async () => await pixelsOf(browser, color) > 20);
      ben.say({ t: "point", at: null });
      await until(async () => await pixelsOf(browser, color) === 0);
      ben.say({
        t: "draw",
        stroke: { n: 1, element: { path: "#title" }, points: [[0, 1], [1, 0]] },
      });
      await until(async () => await pixelsOf(browser, color) > 200);
      await tabTo(browser, "Draw");
      await enter();
      await browser.until(`document.querySelector("#notice").textContent.startsWith("Draw")`);
      const [from, to] = await placesOn(browser, [60, 40], [200, 60]);
      const touch = (
        type: "touchStart" | "touchMove" | "touchEnd",
        ...touchPoints: typeof from[]
      ) => browser.send("Input.dispatchTouchEvent", { type, touchPoints: touchPoints as [] });
      await touch("touchStart", from);
      await touch("touchMove", to);
      await touch("touchEnd");
      const { stroke } = await ben.told("draw", ({ from }) => from === "p0");
      assert.ok(stroke!.points.length > 0);
      await until(() => shared.marked.some(([, , look]) => look?.line?.length === 2));
    });

    await t.step("stops; nothing is left to press", async () => {
      await browser.press("Escape", 27);
      await tabTo(browser, "Stop sharing");
      await enter();
      assert.equal((await ben.told("ended")).why, "stopped");
      await browser.until(`!document.querySelector("#over").hidden`);
      const shown = `[...document.querySelectorAll("button, input")].filter((one) =>
        one.checkVisibility()).length`;
      assert.equal(await browser.eval(shown), 0);
      await checks();
    });
    assert.deepEqual(browser.complaints, []);
  },
);
