/**
 * `deno task bench:co-browse`: how fast a shared browser is followed by another agent's and by a
 * page, what ten more viewers cost, and what goes over the wire while nothing happens.
 *
 * @module
 */
import {
  clicks,
  letters,
  mirrored,
  navigations,
  quantile,
  scrolls,
  type Times,
} from "../../../runtime/cli/demo/co_browse/measure.ts";
import { CoBrowseParty } from "../../../runtime/cli/demo/co_browse/party.ts";
import { Tap } from "../../co_browse/tap.ts";

const ROUNDS = 60;
const VIEWERS = 10;
const IDLE_MS = 10_000;

await using party = await CoBrowseParty.open();
const anna = await party.share();
const ben = await party.joinBen();
// What is done first is slow for reasons that have nothing to do with the session.
await clicks(anna, ben, 10);
const alone = await clicks(anna, ben, ROUNDS);
show("click", alone, "p50 ≤ 15 ms, p95 ≤ 40");
show("letter", await letters(anna, ben, ROUNDS), "p50 ≤ 15 ms, p95 ≤ 40");
show("scrolling", await scrolls(anna, ben, ROUNDS / 3), "p50 ≤ 15 ms, p95 ≤ 40");
const cleo = await party.joinByLink("Cleo");
show("change by the link", await mirrored(anna, cleo, ROUNDS), "p50 ≤ 40 ms");
show("page", await navigations(anna, ben, 10), "≤ 300 ms");

const taps: Tap[] = [];
for (let i = 0; i < VIEWERS; i++) taps.push(await Tap.join(party, "web", `Viewer ${i}`));
const crowded = await clicks(anna, ben, ROUNDS);
show(`click, ${VIEWERS} more viewers`, crowded, "less than 1.5 times as long");
const times = quantile(crowded, 0.5) / quantile(alone, 0.5);
line("viewers' cost", `${times.toFixed(2)} times`, "< 1.5");

const before = taps[0]!.bytes;
await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
const idle = (taps[0]!.bytes - before) / (IDLE_MS / 1000);
line("idle, to and from a viewer", `${idle.toFixed(0)} B/s`, "≤ 1,000 B/s");
for (const tap of taps) tap.close();
Deno.exit();

function show(what: string, of: Times, aim: string): void {
  const words = [0.5, 0.95].map((part) => `p${part * 100} ${quantile(of, part).toFixed(1)} ms`);
  line(what, words.join(", "), aim);
}

function line(what: string, words: string, aim: string): void {
  const text = `${what.padEnd(28)} ${words.padEnd(30)} (aim: ${aim})\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
