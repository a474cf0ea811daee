import assert from "node:assert/strict";
import { scratchDir } from "../../runtime/agent/state/scratch_dir.ts";
import { CoBrowseParty } from "../../runtime/cli/demo/co_browse/party.ts";
import type { KeyId } from "../../runtime/core/documents/common.ts";
import { withoutChromium } from "../capabilities/browser/chromium.ts";
import { processesOf } from "../capabilities/browser/processes.ts";
import { until } from "../until.ts";
import { Tap } from "./tap.ts";
import { VisitedSite } from "./visited_site.ts";

const SITE = { "/": `<h1>Home</h1><input id="search">`, "/two": `<h1>Two</h1><input id="search">` };
const shows = (title: string) => `document.querySelector("h1")?.textContent === "${title}"`;
const saysGone = `document.body.innerText.includes("browser is gone")`;

/** Waits as long as a machine that has much to do may take. */
const hears = (tap: Tap, state: "gone" | "back") =>
  until(() => tap.messages.some((told) => told.t === "browser" && told.state === state));

/** Ends the Chromium that somebody's agent has started, as the kernel does when memory is short. */
async function killBrowserOf(party: CoBrowseParty, name: string): Promise<string> {
  const { dir, agent } = party.office.get(name);
  const profiles = `${scratchDir(`${dir}/state`, agent.id as KeyId)}/browsers/`;
  const started = await processesOf(`--user-data-dir=${profiles}`, 1);
  const { pid, args } = started.find(({ args }) => !args.includes("--type="))!;
  Deno.kill(pid, "SIGKILL");
  return /--user-data-dir=([^\0]+)/.exec(args)![1]!;
}

Deno.test("browsers that are killed in a session", withoutChromium, async (t) => {
  const site = new VisitedSite(SITE);
  const settings = { control: "free" };
  await using party = await CoBrowseParty.open({ site, settings, own: ["anna", "ben"] });
  await party.begin();
  await party.followWithBen();
  const cleo = await party.joinByLink("Cleo");
  using leader = await Tap.join(party, "agent", "Leader");
  leader.say({ t: "ask" });
  const { you } = await leader.told("welcome");
  await leader.told("control", ({ holder }) => holder === you);
  let count = 0;
  /** Types, and waits until both browsers and the page for a link have it. */
  const isFollowed = async () => {
    const value = `word ${++count}`;
    const input = { type: "input", element: { path: "#search" }, value } as const;
    leader.say({ t: "input", input, stamp: { n: count, by: you } });
    await until(() => site.who(`search ${value}`).length === 2);
    await cleo.until(`document.querySelector("#search").value === "${value}"`, "frame");
    return site.who(`search ${value}`);
  };
  const before = await isFollowed();

  await t.step("the shared one is said to be gone, and is back where it was", async () => {
    leader.say({ t: "input", input: { type: "navigation", url: `${site.origin}/two` } });
    await cleo.until(shows("Two"), "frame");
    await until(() => site.who("/two").length === 2);
    await cleo.evaluate(`new MutationObserver(() => {
      globalThis.wasTold ||= ${saysGone};
    }).observe(document.body, { subtree: true, childList: true, characterData: true })`);
    const profile = await killBrowserOf(party, "anna");
    await hears(leader, "gone");
    await hears(leader, "back");
    await cleo.until(`globalThis.wasTold && !${saysGone}`);
    await cleo.until(shows("Two"), "frame");
    await processesOf(profile, 0);
    const after = await isFollowed();
    assert.equal(after.filter((who) => before.includes(who)).length, 1, "Ben's is the same");
  });

  await t.step("one that follows comes back to where the shared one is", async () => {
    const ofBoth = site.who(`search word ${count}`);
    const profile = await killBrowserOf(party, "ben");
    await until(() => site.who(`search word ${count}`).length === 3);
    // Whoever follows reads it in their own run.
    const said = () => JSON.stringify(party.following!.events.slice(-6));
    await until(() => /browser here is gone.*"Following"/.test(said()));
    await processesOf(profile, 0);
    const after = await isFollowed();
    assert.equal(after.filter((who) => ofBoth.includes(who)).length, 1, "Anna's is the same");
  });

  await t.step("both at one moment", async () => {
    const before = site.who("/two");
    leader.messages.length = 0;
    await Promise.all([killBrowserOf(party, "anna"), killBrowserOf(party, "ben")]);
    await hears(leader, "back");
    const isNew = (who: string) => !before.includes(who);
    await until(() => site.who("/two").filter(isNew).length === 2);
    await cleo.until(shows("Two"), "frame");
    const after = await isFollowed();
    assert.ok(after.every(isNew));
  });
});
