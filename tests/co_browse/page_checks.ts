import assert from "node:assert/strict";
import type { Browser } from "../hub/console/browser.ts";

/** What a finger hits, CSS pixels (WCAG 2.2, "Target Size (Enhanced)"). */
const TARGET = 44;
/** Of small text (WCAG 2.2, "Contrast (Minimum)"). */
const CONTRAST = 4.5;
const WIDTH = 375;

const CONTROLS =
  "button, combobox, textbox, tab, link, checkbox, radio, list, log, region, form, group, " +
  "tablist, tabpanel, complementary, Iframe";
const NAMED = new Set(CONTROLS.split(", "));

/** Every control of the page has a name, what happens is said, and the parts of it can be jumped to. */
export async function isToldToScreenReaders(browser: Browser): Promise<void> {
  const nodes = await browser.names();
  assert.deepEqual(nodes.filter(({ role, name }) => NAMED.has(role) && name === ""), []);
  const roles = new Set(nodes.map(({ role }) => role));
  for (const role of ["banner", "main", "status", "heading"]) assert.ok(roles.has(role), role);
  const controls = await browser.eval<number>(`[...document.querySelectorAll(
    "button, input, textarea")].filter((one) => one.checkVisibility()).length`);
  const told = nodes.filter(({ role }) => /^(?:button|textbox|tab)$/.test(role)).length;
  assert.equal(told, controls);
}

/** Nothing of the page is out of reach on a phone, and all of it can be hit by a finger. */
export async function fitsAPhone(browser: Browser): Promise<void> {
  await browser.look(WIDTH, 700);
  const { width, out, small } = await browser.eval<
    { width: number; out: string[]; small: string[] }
  >(`(() => {
    const shown = [...document.querySelectorAll("main *")]
      .filter((one) => one.checkVisibility() && !one.closest("#tabs, #lines"));
    const boxOf = (one) => one.getBoundingClientRect();
    const named = (list) => list.map((one) => one.outerHTML.slice(0, 80));
    return {
      width: document.documentElement.scrollWidth,
      out: named(shown.filter((one) => one.id !== "shared" && boxOf(one).width > 1 &&
        (boxOf(one).right > ${WIDTH} || boxOf(one).left < 0))),
      small: named([...document.querySelectorAll("button, input, textarea")].filter((one) =>
        one.checkVisibility() && (boxOf(one).height < ${TARGET} || boxOf(one).width < ${TARGET}))),
    };
  })()`);
  assert.deepEqual({ width, out, small }, { width: WIDTH, out: [], small: [] });
  await browser.look(1_280, 800);
}

/** All text stands out from what is behind it, by day and by night. */
export async function isLegible(browser: Browser): Promise<void> {
  for (const dark of [false, true]) {
    await browser.look(1_280, 800, dark);
    const [ground, ...faint] = await browser.eval<string[]>(`(() => {
      const parts = (color) => color.match(/[\\d.]+/g).map(Number);
      const light = (color) => parts(color).slice(0, 3)
        .map((x) => x / 255).map((x) => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)
        .reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
      const behind = (one) => {
        const { backgroundColor } = getComputedStyle(one);
        return (parts(backgroundColor)[3] ?? 1) > 0 ? backgroundColor : behind(one.parentElement);
      };
      const contrast = (one) => {
        const [a, b] = [light(getComputedStyle(one).color), light(behind(one))];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      };
      const faint = [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility() &&
        [...one.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim()) &&
        contrast(one) < ${CONTRAST});
      return [light(behind(document.body)) < 0.2 ? "dark" : "light",
        ...faint.map((one) => one.outerHTML.slice(0, 80))];
    })()`);
    assert.deepEqual([ground, faint], [dark ? "dark" : "light", []]);
  }
  await browser.look(1_280, 800);
}

/** How many pixels of the shared page, as it is shown, have a colour. */
export async function pixelsOf(browser: Browser, color: string): Promise<number> {
  const { data } = await browser.send("Page.captureScreenshot", { format: "png" });
  return await browser.eval<number>(countPixels(data, color, `#stage`));
}

/**
 * What counts them, in a page.
 *
 * @param png In Base64.
 * @param within Only where that element is.
 */
export function countPixels(png: string, color: string, within: string): string {
  return `(async () => {
    const bytes = Uint8Array.fromBase64("${png}");
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const { left, top, width, height } = document.querySelector("${within}").getBoundingClientRect();
    const canvas = new OffscreenCanvas(width, height).getContext("2d");
    canvas.drawImage(image, -left, -top);
    const pixels = new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer);
    const [, red, green, blue] = /#(..)(..)(..)/.exec("${color}").map((hex) => parseInt(hex, 16));
    const wanted = (255 << 24 | blue << 16 | green << 8 | red) >>> 0;
    return pixels.filter((pixel) => pixel === wanted).length;
  })()`;
}

/** Places in the shared page, from the left and the top of what is shown of it. */
export async function placesOn(browser: Browser, ...places: [number, number][]) {
  const { left, top } = await browser.eval<{ left: number; top: number }>(
    `document.querySelector("#stage").getBoundingClientRect().toJSON()`,
  );
  return places.map(([x, y]) => ({ x: left + x, y: top + y }));
}

/** Goes from one thing to the next by the keyboard until what is called so has the focus, and shows it. */
export async function tabTo(browser: Browser, name: string): Promise<void> {
  const passed: string[] = [];
  for (let steps = 0; steps < 30; steps++) {
    const { called, outline } = await browser.eval<{ called: string; outline: string }>(`(() => {
      const at = document.activeElement;
      const called = at.ariaLabel ?? at.labels?.[0]?.textContent ?? at.innerText ?? at.id;
      const { outlineStyle, outlineWidth } = getComputedStyle(at);
      return { called: called.trim(), outline: outlineStyle === "none" ? "0px" : outlineWidth };
    })()`);
    if (called === name) return assert.notEqual(outline, "0px", `the focus on ${name} is not seen`);
    passed.push(called);
    await browser.press("Tab", 9);
  }
  throw new Error(`the keyboard does not lead to ${name}: ${passed.join(" | ")}`);
}
