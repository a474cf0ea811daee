import assert from "node:assert/strict";
import { CoBrowseParty } from "../../runtime/cli/demo/co_browse/party.ts";
import { readInvitation } from "../../scripts/co-browse/keys.ts";
import { withoutChromium } from "../capabilities/browser/chromium.ts";
import { Tap } from "./tap.ts";

Deno.test(
  "the sharing person invites, lets in, gives control and stops at a page",
  withoutChromium,
  async () => {
    await using party = await CoBrowseParty.open();
    await party.share();
    const desk = await party.desk();
    await desk.until("document.querySelector('#people').childElementCount === 1");
    await desk.click("#invite-drive");
    const link: string = await desk.until("document.querySelector('#invitation').value");
    const invited = readInvitation(new URL(link).hash.slice(1));
    assert.ok(invited, link);
    using tap = await Tap.open(party, { t: "hello", v: 1, ...invited, name: "Ben", kind: "web" });
    const button = (label: string) => `[aria-label="${label}: Ben"]`;
    await desk.until(`document.querySelector('${button("Let in")}')`);
    assert.match(
      await desk.evaluate("document.querySelector('#status').textContent"),
      /“Ben” asks/,
    );
    await desk.click(button("Let in"));
    await tap.told("welcome");
    await desk.until(`document.querySelector('${button("Give control")}')`);
    await desk.click(button("Give control"));
    await tap.told("control", ({ holder }) => holder === "p1");
    await desk.click("#take");
    await tap.told("control", ({ holder }) => holder === "p0");
    await desk.click("#stop");
    assert.equal((await tap.told("ended")).why, "stopped");
    await party.sharing!.ended;
  },
);
