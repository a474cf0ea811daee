import type { Page } from "./page.ts";

/** How long something took, again and again; milliseconds, sorted. */
export type Times = readonly number[];

/** @param part Such as 0.5 for the median. */
export function quantile(times: Times, part: number): number {
  return times[Math.min(times.length - 1, Math.floor(part * times.length))] ?? NaN;
}

/** What a page of the demo's site noted, each with the moment. */
type Note = readonly [what: string, at: number];

const seen = (what: string) =>
  `seen.filter(([what]) => what === ${JSON.stringify(what)}).map(([, at]) => at)`;

/**
 * Does something on one page, so many times, and measures until the same is noted on the other. Both
 * are on this machine and have one clock.
 */
async function follow(
  { times, from, to, note, act }: {
    times: number;
    from: Page;
    to: Page;
    note: (round: number) => string;
    act: (round: number) => Promise<void>;
  },
): Promise<Times> {
  const took: number[] = [];
  for (let round = 0; round < times; round++) {
    const what = note(round);
    const before = (await to.evaluate<number[]>(seen(what))).length;
    const already = (await from.evaluate<number[]>(seen(what))).length;
    await act(round);
    const here: number[] = await from.until(`(${seen(what)}).length > ${already} && ${seen(what)}`);
    const there: number[] = await to.until(`(${seen(what)}).length > ${before} && ${seen(what)}`);
    took.push(there[before]! - here[already]!);
  }
  return took.sort((a, b) => a - b);
}

/** From a click to the same click. */
export function clicks(from: Page, to: Page, times: number): Promise<Times> {
  const act = () => from.click("#add");
  return follow({ times, from, to, note: () => "click add", act });
}

/** From a letter that was typed until it stands in the other field. */
export async function letters(from: Page, to: Page, times: number): Promise<Times> {
  await from.click("#search");
  const text = "abcdefghijklmnopqrstuvwxyz".repeat(Math.ceil(times / 26)).slice(0, times);
  const took = await follow({
    times,
    from,
    to,
    note: (round) => `input ${text.slice(0, round + 1)}`,
    act: (round) => from.type(text[round]!),
  });
  return took;
}

/** From a turn of the wheel to the other page's first movement. */
export function scrolls(from: Page, to: Page, times: number): Promise<Times> {
  return follow({
    times,
    from,
    to,
    note: () => "scroll",
    act: async (round) => {
      await Promise.all([settled(from), settled(to)]);
      await from.scroll(round % 10 < 5 ? 120 : -120);
    },
  });
}

/** From a click on a link until the other browser has loaded its page. */
export async function navigations(from: Page, to: Page, times: number): Promise<Times> {
  const took: number[] = [];
  for (let round = 0; round < times; round++) {
    const [link, path] = round % 2 === 0 ? ["next", "/checkout"] : ["back", "/"];
    const loaded = `loaded ${path}`;
    const before = (await to.evaluate<number[]>(seen(loaded))).length;
    await from.click(`#${link}`);
    const there: number[] = await to.until(
      `(${seen(loaded)}).length > ${before} && ${seen(loaded)}`,
    );
    await from.until(`location.pathname === ${JSON.stringify(path)}`);
    const here: number[] = await from.evaluate(seen(`click ${link}`));
    took.push(there[before]! - here.at(-1)!);
    await Promise.all([settled(from), settled(to)]);
  }
  return took.sort((a, b) => a - b);
}

/** From a click until what it changes stands in the page that is shown by the link. */
export async function mirrored(from: Page, viewer: Page, times: number): Promise<Times> {
  await viewer.evaluateInFrame(`globalThis.changes = [];
    new MutationObserver(() => changes.push([
      document.querySelector("#count")?.textContent,
      performance.timeOrigin + performance.now(),
    ])).observe(document, { subtree: true, childList: true, characterData: true })`);
  const took: number[] = [];
  for (let round = 0; round < times; round++) {
    const clicked = (await from.evaluate<number[]>(seen("click add"))).length;
    await from.click("#add");
    const count = await from.evaluate(`document.querySelector("#count").textContent`);
    const change: Note = await viewer.until(
      `changes.find(([text]) => text === ${JSON.stringify(count)})`,
      "frame",
    );
    const here: number[] = await from.evaluate(seen("click add"));
    took.push(change[1] - here[clicked]!);
  }
  return took.sort((a, b) => a - b);
}

/** Waits until nothing moves any more. */
async function settled(page: Page): Promise<void> {
  await page.until(`document.readyState === "complete"`);
  const count = `seen.filter(([what]) => what === "scroll").length`;
  for (let last = -1, now = await page.evaluate<number>(count); now !== last;) {
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 60));
    now = await page.evaluate(count);
  }
}
