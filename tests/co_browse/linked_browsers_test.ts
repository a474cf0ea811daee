import assert from "node:assert/strict";
import { CoBrowseParty } from "../../runtime/cli/demo/co_browse/party.ts";
import type { Page } from "../../runtime/cli/demo/co_browse/page.ts";
import { withoutChromium } from "../capabilities/browser/chromium.ts";
import { until } from "../until.ts";
import { countPixels } from "./page_checks.ts";
import { helloFor, Tap } from "./tap.ts";

const value = (selector: string) => `document.querySelector("${selector}").value`;
const text = (selector: string) => `document.querySelector("${selector}").textContent`;

Deno.test("two browsers under two agents, and a page", withoutChromium, async (t) => {
  await using party = await CoBrowseParty.open();
  const anna = await party.share();
  using waiting = await Tap.open(party, await helloFor(party, "web", "Dora"));
  await waiting.told("wait");
  await anna.click("#add");
  const ben = await party.joinBen();

  await t.step("nothing flows to who was not let in", () => {
    assert.deepEqual(waiting.messages.map(({ t }) => t), ["wait"]);
  });

  await t.step("what somebody draws is seen in both, until it is taken away", async () => {
    using tap = await Tap.join(party, "web", "Cleo");
    const { people } = await tap.told("people");
    const { color } = people.find(({ name }) => name === "Cleo")!;
    const drawn = async (page: Page) =>
      await page.evaluate<number>(
        countPixels((await page.picture()).toBase64(), color, "html"),
      );
    const element = { path: "#search" };
    tap.say({ t: "draw", stroke: { n: 1, element, points: [[0, 0]] } });
    tap.say({ t: "draw", stroke: { n: 1, element, points: [[1, 1], [1, -2]] } });
    for (const page of [anna, ben]) await until(async () => await drawn(page) > 200);
    tap.say({ t: "draw", stroke: null });
    for (const page of [anna, ben]) await until(async () => await drawn(page) === 0);
  });

  await t.step("typing and scrolling are followed", async () => {
    await anna.click("#search");
    await anna.type("oak");
    await ben.until(`${value("#search")} === "oak"`);
    await anna.scroll(600);
    await ben.until("scrollY > 0");
    const { y, ratio } = await anna.evaluate<{ y: number; ratio: number }>(
      "({ y: scrollY, ratio: scrollY / (document.scrollingElement.scrollHeight - innerHeight) })",
    );
    assert.ok(y > 0 && ratio <= 1);
  });

  await t.step("three keystrokes are three messages, and none comes back", async () => {
    using tap = await Tap.join(party, "agent", "Tap");
    await tap.told("state");
    await anna.click("#search");
    await anna.type("xyz");
    await ben.until(`${value("#search")} === "oakxyz"`);
    await tap.told("input", ({ input }) => input.type === "input" && input.value === "oakxyz");
    // What Ben's browser would send back arrives before what Anna does after it.
    await anna.click("#add");
    await ben.until(`${text("#count")} !== "0"`);
    await tap.told("input", ({ input }) => input.type === "click");
    assert.deepEqual(tap.inputs("input").map((input) => "value" in input && input.value), [
      "oakx",
      "oakxy",
      "oakxyz",
    ]);
    assert.equal(
      tap.messages.filter(({ t }) => t === "input").every((message) =>
        message.t === "input" && message.from === "p0"
      ),
      true,
    );
  });

  await t.step(
    "what somebody does without control is undone for them, and seen by nobody",
    async () => {
      const before = await anna.evaluate(value("#search"));
      await ben.click("#search");
      await ben.type("!");
      await ben.until(`${value("#search")} === ${JSON.stringify(before)}`);
      assert.equal(await anna.evaluate(value("#search")), before);
    },
  );

  await t.step("who was given control drives, and the sharing person takes it back", async () => {
    await party.office.do("ben", { do: "ask" });
    await party.giveBen();
    await ben.click("#next");
    await anna.until(`location.pathname === "/checkout"`);
    await ben.until(`document.readyState === "complete" && document.querySelector("#name")`);
    await ben.click("#name");
    await ben.type("Ben");
    await anna.until(`${value("#name")} === "Ben"`);
    await party.office.do("anna", { do: "take" });
    assert.equal((await party.people())[0]!.role, "leader");
  });

  await t.step("two who type into one field at once end with the same", async () => {
    await party.giveBen();
    for (let round = 0; round < 3; round++) {
      for (const page of [anna, ben]) await page.click("#name");
      await Promise.all([anna.type("aaaaa"), ben.type("bbbbb")]);
      // What was typed has gone both ways once these have.
      const before = Number(await anna.evaluate(text("#count")));
      await anna.click("#add");
      await ben.until(`${text("#count")} === "${before + 1}"`);
      await ben.click("#add");
      await anna.until(`${text("#count")} === "${before + 2}"`);
      assert.equal(await anna.evaluate(value("#name")), await ben.evaluate(value("#name")));
    }
    await party.office.do("anna", { do: "take" });
  });

  await t.step("stop ends it for everybody, and the run with it", async () => {
    await party.office.do("anna", { do: "stop" });
    await waiting.told("ended");
    await party.sharing!.ended;
  });
});
