import assert from "node:assert/strict";
import { CoBrowseParty } from "../../runtime/cli/demo/co_browse/party.ts";
import { withoutChromium } from "../capabilities/browser/chromium.ts";
import { until } from "../until.ts";
import { Tap } from "./tap.ts";
import { VisitedSite } from "./visited_site.ts";

const OPENS_WINDOWS = "opens windows, at each press and without one";
/** What a page may do to those who look at it; each begins by itself. */
const TRICKS: Readonly<Record<string, string>> = {
  "leads on and on": `<script>location.href = "/leads-on-and-on?" + Math.random()</script>`,
  "changes its address hundreds of times": `<script>
    for (let i = 0; i < 300; i++) history.pushState({}, "", "?" + Math.random());
  </script>`,
  [OPENS_WINDOWS]: `<button id="more">more</button><script>
    const more = () => { for (let i = 0; i < 20; i++) open("/"); };
    setInterval(more, 50);
    addEventListener("click", more);
  </script>`,
  "will not be left": `<button id="more">more</button><script>
    addEventListener("beforeunload", (event) => event.preventDefault());
  </script>`,
  "asks without end, and whenever somebody does something": `<script>
    const ask = () => { alert(1); confirm(2); prompt(3); };
    for (const event of ["click", "load"]) addEventListener(event, ask);
    setInterval(ask, 1);
  </script>`,
  "grows without end": `<p id="text"></p><script>
    setInterval(() => {
      for (let i = 0; i < 200; i++) {
        document.body.append(Object.assign(document.createElement("p"), { textContent: "x".repeat(200) }));
      }
    }, 20);
  </script>`,
};
const pathOf = (trick: string) => `/${trick.replaceAll(/[ ,]+/g, "-")}`;
const SITE = {
  "/": `<h1>Home</h1><input id="search">`,
  ...Object.fromEntries(Object.entries(TRICKS).map(([trick, page]) => [pathOf(trick), page])),
};
/** Messages that a guest gets of one trick, and their characters. */
const MOST = 1_000;
const MOST_CHARACTERS = 40_000_000;
/** How long a page may do what it does. */
const WATCHED_MS = 2_000;

Deno.test("a session in a page that means ill", withoutChromium, async (t) => {
  const site = new VisitedSite(SITE);
  const settings = { control: "free" };
  await using party = await CoBrowseParty.open({ site, settings, own: ["anna", "ben"] });
  await party.begin();
  await party.followWithBen();
  using web = await Tap.join(party, "web", "Web");
  using leader = await Tap.join(party, "agent", "Leader");
  const { you } = await leader.told("welcome");
  leader.say({ t: "ask" });
  await leader.told("control", ({ holder }) => holder === you);
  let count = 0;
  const goTo = (path: string) =>
    leader.say({ t: "input", input: { type: "navigation", url: `${site.origin}${path}` } });
  /** Both browsers can be typed in, as soon as they have a field again. */
  const isDriven = async () => {
    const first = count;
    const isSeen = (n: number) => site.who(`search word ${n}`).length === 2;
    await until(() => {
      for (let n = first + 1; n <= count; n++) if (isSeen(n)) return true;
      const input = {
        type: "input",
        element: { path: "#search" },
        value: `word ${++count}`,
      } as const;
      leader.say({ t: "input", input, stamp: { n: count, by: you } });
      return false;
    });
  };

  for (const trick of Object.keys(TRICKS)) {
    await t.step(`one that ${trick} is left again, and nobody is flooded`, async () => {
      const visits = site.visits.length;
      for (const tap of [web, leader]) tap.frames.length = tap.messages.length = 0;
      goTo(pathOf(trick));
      const isThere = () =>
        new Set(
          site.visits.slice(visits).filter(({ what }) => what === pathOf(trick))
            .map(({ who }) => who),
        ).size === 2;
      await until(isThere);
      const windows = () =>
        leader.messages.flatMap((told) => told.t === "tabs" ? [told.tabs.length] : []);
      const press = () => {
        const point = { path: "body", x: 0.5, y: 0.5 };
        leader.say({ t: "input", input: { type: "click", point } });
      };
      press();
      if (trick === OPENS_WINDOWS) {
        let looks = 0;
        await until(() => {
          // The page may not be there yet for the first one; each of them costs the browsers much.
          if (++looks % 20 === 0) press();
          return windows().some((count) => count > 1);
        });
      }
      await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
      goTo("/");
      await isDriven();
      for (const [name, { frames }] of Object.entries({ web, leader })) {
        const characters = frames.reduce((sum, { length }) => sum + length, 0);
        assert.ok(frames.length <= MOST, `${name}: ${frames.length} messages`);
        assert.ok(characters <= MOST_CHARACTERS, `${name}: ${characters} characters`);
      }
      assert.ok(windows().every((count) => count <= 4), `${windows()} windows`);
    });
  }
});
