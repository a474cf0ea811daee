import assert from "node:assert/strict";
import { CoBrowseParty } from "../../runtime/cli/demo/co_browse/party.ts";
import { withoutChromium } from "../capabilities/browser/chromium.ts";
import { Tap } from "./tap.ts";

/** What Anna types where others must not see it, by the field's id. */
const SECRETS = {
  card: "4929123412341234",
  password: "hunter2-hunter2",
  iban: "DE02120300000000202051",
};
/** What stands in a region that her grant hides. */
const HIDDEN = "4711";
/** What everybody may see. */
const OPEN = "Anna Example";

Deno.test(
  "what is typed into masked fields is nowhere but in Anna's browser",
  withoutChromium,
  async (t) => {
    await using party = await CoBrowseParty.open();
    const anna = await party.share();
    const ben = await party.joinBen();
    const cleo = await party.joinByLink("Cleo");
    using web = await Tap.join(party, "web", "Tap 1");
    using agent = await Tap.join(party, "agent", "Tap 2");

    await anna.click("#next");
    await ben.until(`location.pathname === "/checkout" && document.querySelector("#name")`);
    for (const [field, secret] of Object.entries(SECRETS)) {
      await anna.click(`#${field}`);
      await anna.type(secret);
    }
    await anna.click("#name");
    await anna.type(OPEN);
    await anna.click("#add");
    const counted = `document.querySelector("#count")?.textContent === "1"`;
    await Promise.all([ben.until(counted), cleo.until(counted, "frame")]);
    await agent.told("input", ({ input }) => input.type === "input" && input.value === OPEN);
    // A newcomer gets everything at once.
    using late = await Tap.join(party, "web", "Tap 3");
    using lateAgent = await Tap.join(party, "agent", "Tap 4");
    await Promise.all([late.told("mirror"), lateAgent.told("state")]);

    const everything = `document.documentElement.outerHTML + "\\n" +
    [...document.querySelectorAll("input")].map(({ value }) => value)`;
    const places: Record<string, string> = {
      "frames to a page": web.frames.join("\n"),
      "frames to an agent": agent.frames.join("\n"),
      "frames to a late page": late.frames.join("\n"),
      "frames to a late agent": lateAgent.frames.join("\n"),
      "Cleo's page": await cleo.evaluateInFrame(everything),
      "Ben's page": await ben.evaluate(everything),
    };
    await party.office.do("anna", { do: "stop" });
    await party.sharing!.ended;
    for (const name of ["anna", "ben"]) {
      places[`the agent of ${name}: log, audit, store`] = await textOf(
        `${party.office.get(name).dir}/state`,
      );
    }

    for (const [place, found] of Object.entries(places)) {
      await t.step(`not in ${place}`, () => {
        for (const secret of Object.values(SECRETS)) {
          assert.ok(!found.includes(secret), `${secret} is in ${place}`);
          // Nor so much of it that the rest is guessed.
          assert.ok(!found.includes(secret.slice(0, 8)), `the beginning of ${secret}`);
        }
        // Ben's browser asked the site for itself.
        if (place !== "Ben's page") {
          assert.ok(!found.includes(`Anna: ${HIDDEN}`), "the hidden region");
        }
      });
    }

    await t.step("and what is open is, so that the search finds something", () => {
      for (
        const place of ["frames to an agent", "frames to a late agent", "Ben's page", "Cleo's page"]
      ) {
        assert.ok(places[place]!.includes(OPEN), place);
      }
      assert.ok(places["the agent of anna: log, audit, store"]!.includes("asks_to_join"));
    });

    await t.step("the length of a secret does not show", () => {
      const marks = (text: string) => [...text.matchAll(/[•*●]{3,}/g)].map(([mark]) => mark.length);
      assert.equal(new Set(marks(places["Cleo's page"]!)).size, 1, places["Cleo's page"]!);
    });
  },
);

Deno.test("a masked field takes nothing from elsewhere", withoutChromium, async () => {
  await using party = await CoBrowseParty.open();
  const anna = await party.share();
  using tap = await Tap.join(party, "agent", "Tap");
  await anna.click("#next");
  await anna.until(`location.pathname === "/checkout" && document.querySelector("#name")`);
  const { id } = (await party.people()).find(({ name }) => name === "Tap")!;
  await party.office.do("anna", { do: "give", person: id });
  const write = (path: string, n: number) => {
    const input = { type: "input", element: { path }, value: "mallory" } as const;
    tap.say({ t: "input", input, stamp: { n, by: id } });
  };
  write("#password", 20);
  assert.equal((await tap.told("not")).why, "masked");
  write("#name", 21);
  await anna.until(`document.querySelector("#name").value === "mallory"`);
  assert.equal(await anna.evaluate(`document.querySelector("#password").value`), "");
});

/** All that lies below a folder. */
async function textOf(folder: string): Promise<string> {
  const texts: string[] = [];
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) texts.push(await textOf(path));
    if (isFile) texts.push(new TextDecoder("latin1").decode(await readIfThere(path)));
  }
  return texts.join("\n");
}

/** The agents run: what they write is first under another name, which is gone soon. */
async function readIfThere(path: string): Promise<Uint8Array> {
  return await Deno.readFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return new Uint8Array();
    throw error;
  });
}
