import assert from "node:assert/strict";
import { CoBrowseParty } from "../../runtime/cli/demo/co_browse/party.ts";
import { DemoSite } from "../../runtime/cli/demo/co_browse/site.ts";
import { withoutChromium } from "../capabilities/browser/chromium.ts";
import type { HostMessage } from "../../scripts/co-browse/wire/host_message.ts";
import { until } from "../until.ts";
import { Tap } from "./tap.ts";

const SITE = {
  "/": `<h1>Home</h1><input id="search"><button id="add">add</button> <b id="count">0</b>
    <p id="echo"></p>`,
};
const value = `document.querySelector("#search").value`;

/** Waits as long as a machine that has much to do may take. */
const hears = (tap: Tap, is: (told: HostMessage) => boolean) => until(() => tap.messages.some(is));

/**
 * Cuts the channel between two agents: Anna's policy no longer knows the other one.
 *
 * @returns Has it know them again.
 */
async function cut({ office }: CoBrowseParty): Promise<() => Promise<void>> {
  const { dir, agent } = office.get("anna");
  const file = `${dir}/policy/fleet.yaml`;
  const text = await Deno.readTextFile(file);
  const without = text.replace(/^peers:.*\n/m, "");
  assert.notEqual(without, text);
  await Deno.writeTextFile(file, without);
  await agent.reload();
  return async () => {
    await Deno.writeTextFile(file, text);
    await agent.reload();
  };
}

Deno.test("a session, and what befalls it", withoutChromium, async (t) => {
  const site = new DemoSite(SITE);
  const settings = { control: "free" };
  await using party = await CoBrowseParty.open({ site, settings, own: ["anna"] });
  await party.begin();
  const ben = await party.joinBen();
  using web = await Tap.join(party, "web", "Web");
  using agent = await Tap.join(party, "agent", "Agent");
  const [, ...guests] = await party.people();
  const idOf = (name: string) => guests.find((one) => one.name === name)!.id;
  /** What stands in Anna's field, as somebody is told who comes now. */
  const atAnnas = async () => {
    using late = await Tap.join(party, "agent", "Late");
    const { done } = await late.told("state");
    late.say({ t: "leave" });
    const [field] = done.flatMap(({ input }) => input.type === "input" ? [input] : []);
    return field?.value;
  };

  await t.step(
    "of two who ask for control at one moment one has it, the other is next",
    async () => {
      await Promise.all([party.office.do("ben", { do: "ask" }), agent.say({ t: "ask" })]);
      const { holder, asking } = await web.told("control", ({ asking }) => asking.length === 1);
      assert.deepEqual([holder, ...asking].sort(), [idOf("Ben"), idOf("Agent")].sort());
      await party.office.do("anna", { do: "take" });
    },
  );

  await t.step("what Ben types without control goes, though Anna's field is empty", async () => {
    await ben.click("#search");
    await ben.type("zz");
    await ben.until(`seen.some(([what]) => what === "input zz") && ${value} === ""`);
    assert.equal(await atAnnas(), "");
  });

  await t.step(
    "who loses the link while typing comes back to what the shared browser has",
    async () => {
      await party.giveBen();
      await ben.click("#search");
      await ben.type("oak");
      await agent.told("input", ({ input }) => input.type === "input" && input.value === "oak");
      const mend = await cut(party);
      const isAway = ({ name, here }: { name: string; here: boolean }) => name === "Ben" && !here;
      await hears(web, (told) => told.t === "people" && told.people.some(isAway));
      await ben.type("lost");
      await mend();
      await ben.until(`${value} === "oak"`);
      assert.equal(await atAnnas(), "oak");
      await ben.click("#search");
      await ben.type("s");
      const { input } = await agent.told(
        "input",
        ({ input }) => input.type === "input" && /s/.test(input.value ?? ""),
      );
      assert.ok("value" in input && input.value?.length === 4);
    },
  );
});
