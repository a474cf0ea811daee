import assert from "node:assert/strict";
import { CoBrowseParty } from "../../runtime/cli/demo/co_browse/party.ts";
import { DemoSite } from "../../runtime/cli/demo/co_browse/site.ts";
import { withoutChromium } from "../capabilities/browser/chromium.ts";
import { until } from "../until.ts";
import { Tap } from "./tap.ts";

const SITE = {
  "/": `<h1>One</h1><a id="more" href="/two" target="_blank">more</a>
    <button id="add">add</button> <b id="count">0</b>`,
  "/two": `<h1>Two</h1><input id="name"><button id="add">add</button> <b id="count">0</b>`,
};
const counted = (count: number) => `document.querySelector("#count")?.textContent === "${count}"`;
const shows = (title: string) => `document.querySelector("h1")?.textContent === "${title}"`;

Deno.test(
  "several pages are followed, whatever numbers each browser has for them",
  withoutChromium,
  async (t) => {
    await using party = await CoBrowseParty.open({ site: new DemoSite(SITE) });
    const anna = await party.share();
    const ben = await party.joinBen();
    const cleo = await party.joinByLink("Cleo");
    using tap = await Tap.join(party, "agent", "Tap");
    const two = `${party.site.origin}/two`;

    await t.step(
      "a page that Ben opens without control is closed, and nobody hears of it",
      async () => {
        await ben.click("#more");
        await party.pageOf("ben", two);
        await until(async () => !(await party.pagesOf("ben")).includes(two));
        assert.equal((await party.pagesOf("anna")).length, 1);
      },
    );

    await t.step("a page that Anna opens is opened once by everybody, and looked at", async () => {
      await anna.click("#more");
      const annas = await party.pageOf("anna", two);
      await cleo.until(shows("Two"), "frame");
      await annas.click("#name");
      await annas.type("oak");
      // Where his own page opens late, there are two for a while, and one of them is closed.
      await until(async () => {
        const bens = await party.pageOf("ben", two);
        const hasTyped = `document.querySelector("#name")?.value === "oak"`;
        return await bens.evaluate<boolean>(hasTyped).catch(() => false);
      });
      await until(async () => (await party.pagesOf("ben")).length === 2);
      const { active, tabs } = await tap.told("tabs", (told) => told.tabs.length === 2);
      assert.deepEqual([active, tabs.map(({ tab }) => tab)], [2, [1, 2]]);
    });

    await t.step("the page in which Anna does something is the one that all look at", async () => {
      await anna.click("#add");
      await ben.until(counted(1));
      await cleo.until(shows("One"), "frame");
      await cleo.until(counted(1), "frame");
      await tap.told("tabs", ({ active, tabs }) => active === 1 && tabs.length === 2);
    });

    await t.step("and so is the one that she turns to, and does nothing there", async () => {
      await anna.turnTo();
      tap.messages.length = 0;
      await (await party.pageOf("anna", two)).turnTo();
      await tap.told("tabs", ({ active }) => active === 2);
      await cleo.until(shows("Two"), "frame");
    });

    await t.step("who has control drives each of the pages", async () => {
      await party.giveBen();
      const [annas, bens] = [await party.pageOf("anna", two), await party.pageOf("ben", two)];
      await bens.click("#add");
      await annas.until(counted(1));
      await cleo.until(shows("Two"), "frame");
      await cleo.until(counted(1), "frame");
      assert.equal(await anna.evaluate(`document.querySelector("#count").textContent`), "1");
    });

    await t.step("whoever has a link and control turns to another page for all", async () => {
      const { id } = (await party.people()).find(({ name }) => name === "Cleo")!;
      await party.office.do("anna", { do: "give", person: id });
      await cleo.until(`document.querySelector("#tab-1").ariaDisabled === "false"`);
      await cleo.click("#tab-1");
      await cleo.until(shows("One"), "frame");
      await cleo.until(`document.querySelector("#tab-1").ariaSelected === "true"`);
      const urls = { "1": `${party.site.origin}/`, "2": two };
      for (const [tab, url] of Object.entries(urls)) {
        const name = url.replace("http://", "").replace(/\/$/, "");
        assert.equal(await cleo.evaluate(`document.querySelector("#tab-${tab}").innerText`), name);
      }
    });

    await t.step("a page that is closed is closed for all", async () => {
      await party.office.do("anna", { do: "take" });
      await (await party.pageOf("anna", two)).close();
      await until(async () => !(await party.pagesOf("ben")).includes(two));
      await cleo.until(shows("One"), "frame");
      await anna.click("#add");
      await ben.until(counted(2));
    });
  },
);
