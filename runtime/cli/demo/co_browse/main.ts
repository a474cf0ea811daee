/**
 * `deno task demo:co-browse`: Anna shares her browser, Ben follows with his and drives it for a while,
 * Cleo has nothing but a link. Two agents and three headless Chromiums on this machine.
 *
 * @module
 */
import { processIo } from "../../terminal/process_io.ts";
import { Stage } from "../stage.ts";
import { findChromium } from "./chromium.ts";
import {
  clicks,
  letters,
  mirrored,
  navigations,
  quantile,
  scrolls,
  type Times,
} from "./measure.ts";
import type { Page } from "./page.ts";
import { CoBrowseParty } from "./party.ts";

const ROUNDS = 30;
const SECRETS = {
  card: "4111111111111111",
  password: "correct horse",
  iban: "DE02120300000000202051",
};

/** What has to be reached, milliseconds. */
const TARGETS = {
  "click followed": { p50: 15, p95: 40 },
  "letter followed": { p50: 15, p95: 40 },
  "scrolling followed": { p50: 15, p95: 40 },
  "page followed": { p50: 300, p95: Infinity },
  "change shown by the link": { p50: 40, p95: Infinity },
};
type Measured = Record<keyof typeof TARGETS, Times>;

interface Pages {
  readonly anna: Page;
  readonly ben: Page;
  readonly cleo: Page;
}

async function play(stage: Stage, pictures: string) {
  const started = performance.now();
  stage.plain("One browser for three: two agents and three Chromiums on this machine.");
  await using party = await CoBrowseParty.open();
  const pages = await gather(stage, party);
  const measured = await lead(stage, pages);
  const hidden = await keepSecrets(stage, pages);
  const handed = await handOver(stage, party, pages);
  await Deno.mkdir(pictures, { recursive: true });
  for (const [name, page] of Object.entries(pages)) {
    await Deno.writeFile(`${pictures}/${name}.png`, await page.picture());
  }
  const fast = showTimes(stage, measured);
  const stopped = await stop(stage, party, pages);
  const ok = hidden && handed && stopped;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  stage.plain(`\nPictures: ${pictures}`);
  stage.plain(`${ok ? "Everything as promised" : "Something is not as promised"}, ${seconds} s.`);
  const times = Object.entries(measured).map(([name, of]) =>
    [name, { p50: quantile(of, 0.5), p95: quantile(of, 0.95) }] as const
  );
  return { ok, hidden, handed, stopped, fast, times: Object.fromEntries(times) };
}

async function gather(stage: Stage, party: CoBrowseParty): Promise<Pages> {
  stage.scene("Anna shares her browser");
  const anna = await party.share();
  stage.say("Anna", `shares ${party.site.url}`);
  const ben = await party.joinBen();
  stage.say("Ben", "has come with an invitation, was let in, and follows with his own Chromium");
  const cleo = await party.joinByLink("Cleo");
  stage.say("Cleo", "has a plain browser and a link, was let in, and sees the page rebuilt");
  return { anna, ben, cleo };
}

async function lead(stage: Stage, { anna, ben, cleo }: Pages): Promise<Measured> {
  stage.scene("Anna drives, the others follow");
  const measured = {
    "click followed": await clicks(anna, ben, ROUNDS),
    "change shown by the link": await mirrored(anna, cleo, ROUNDS),
    "letter followed": await letters(anna, ben, ROUNDS),
    "scrolling followed": await scrolls(anna, ben, ROUNDS / 2),
    "page followed": await navigations(anna, ben, 7),
  };
  const path = await ben.evaluate<string>("location.pathname");
  stage.check(path === "/checkout", "Ben's browser is where Anna's is", path);
  return measured;
}

async function keepSecrets(stage: Stage, { anna, ben, cleo }: Pages): Promise<boolean> {
  stage.scene("What is nobody's business");
  await cleo.until(`document.querySelector("#name")`, "frame");
  await anna.click("#name");
  await anna.type("Anna");
  for (const [field, secret] of Object.entries(SECRETS)) {
    await anna.click(`#${field}`);
    await anna.type(secret);
  }
  await anna.click("#add");
  const shown = `document.querySelector("#count")?.textContent === "1"`;
  await Promise.all([ben.until(shown), cleo.until(shown, "frame")]);
  const everything = `document.documentElement.outerHTML +
    [...document.querySelectorAll("input")].map(({ value }) => value)`;
  const atBen = await ben.evaluate<string>(everything);
  const atCleo = await cleo.evaluateInFrame<string>(everything);
  const leaks = [...Object.values(SECRETS), "4711"].filter((one) => atCleo.includes(one));
  const fields = Object.values(SECRETS).filter((one) => atBen.includes(one));
  const name = await ben.evaluate<string>(`document.querySelector("#name").value`);
  stage.check(name === "Anna", "Ben's field has the name that Anna typed", name);
  stage.check(fields.length === 0, "and none of her card, password and account", fields.join(", "));
  stage.check(leaks.length === 0, "Cleo's page has none of them, nor the salary", leaks.join(", "));
  return name === "Anna" && fields.length === 0 && leaks.length === 0;
}

async function handOver(stage: Stage, party: CoBrowseParty, pages: Pages): Promise<boolean> {
  stage.scene("Hand over");
  const { anna, ben, cleo } = pages;
  await party.office.do("ben", { do: "ask" });
  await party.giveBen();
  await ben.click("#add");
  const counted = (count: number) => `document.querySelector("#count")?.textContent === "${count}"`;
  await Promise.all([anna.until(counted(2)), cleo.until(counted(2), "frame")]);
  stage.check(true, "Ben asks, Anna gives, and her browser follows his click", "");
  await party.office.do("anna", { do: "take" });
  await cleo.click("#ask");
  const cleoId = (await party.people()).find(({ name }) => name === "Cleo")!.id;
  await party.office.do("anna", { do: "give", person: cleoId });
  await cleo.until(`document.querySelector("#ask").textContent === "Give control back"`);
  await cleo.evaluateInFrame(`document.querySelector("#add").click()`);
  await Promise.all([anna.until(counted(3)), ben.until(counted(3))]);
  stage.check(true, "Cleo drives from a page: both browsers follow her click", "");
  return true;
}

function showTimes(stage: Stage, measured: Measured): boolean {
  stage.scene("How long it takes");
  let fast = true;
  for (const [name, times] of Object.entries(measured)) {
    const target = TARGETS[name as keyof Measured];
    const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
    const good = p50 <= target.p50 && p95 <= target.p95;
    fast &&= good;
    const bounds = `p50 ≤ ${target.p50}` + (target.p95 === Infinity ? "" : `, p95 ≤ ${target.p95}`);
    const words = `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms (aim: ${bounds})`;
    stage.say(good ? "" : "slow", `${name.padEnd(26)} ${words}`);
  }
  return fast;
}

async function stop(stage: Stage, party: CoBrowseParty, { cleo }: Pages): Promise<boolean> {
  stage.scene("Stop");
  await party.office.do("anna", { do: "stop" });
  const words = await cleo.until<string>(
    `document.querySelector("#over-title").textContent`,
  );
  stage.check(true, "one word, and nobody sees anything any more", words);
  await party.sharing!.ended;
  return true;
}

const io = processIo();
const json = Deno.args.includes("--json");
const out = Deno.args[Deno.args.indexOf("--out") + 1];
if (!await findChromium()) {
  io.stdout.write("writ: error: Cannot play as no Chromium is installed\n");
  io.stdout.write("hint: apt-get install --no-install-recommends chromium\n");
  Deno.exit(1);
}
const pictures = Deno.args.includes("--out") && out
  ? out
  : await Deno.makeTempDir({ prefix: "writ-pictures-" });
const report = await play(new Stage(io.stdout, json), pictures);
if (json) io.stdout.write(JSON.stringify(report) + "\n");
Deno.exit(report.ok ? 0 : 1);
