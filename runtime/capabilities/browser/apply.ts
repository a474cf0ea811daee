import { within } from "../../core/wait.ts";
import { type Input, KEYS } from "./inputs.ts";
import type { Tab } from "./tab.ts";

/** What became of an input. */
export interface Applied {
  readonly applied: boolean;
  /** Of the element, where it was named by its id in a mirror. */
  readonly path?: string;
  readonly why?: "masked" | "gone" | "hidden" | "refused" | "overtaken";
}

interface Aimed extends Applied {
  readonly at?: { readonly x: number; readonly y: number };
}

/** What is done in one page. */
export type PageInput = Exclude<Input, { type: "navigation" | "tab" }>;

/** There is no such element, or page. */
export const GONE: Applied = { applied: false, why: "gone" };
/** How long real input may be on its way: a page that does not take it is not waited for. */
const INPUT_MS = 2_000;
/** As the DevTools protocol has them. */
const MODIFIERS = { alt: 1, control: 2, meta: 4, shift: 8 } as const;
const BUTTON_BITS = { left: 1, right: 2, middle: 4 } as const;

/** How much of what the person did in a document somebody knew of. */
export interface Known {
  readonly document: string;
  readonly deeds: number;
}

/**
 * Does in a page what somebody did in another; never told as an event of this one.
 *
 * @param known Where the person has written or gone elsewhere since, that stays.
 */
export async function applyInput(tab: Tab, input: PageInput, known?: Known): Promise<Applied> {
  switch (input.type) {
    case "click":
      return await real(
        tab,
        await tab.ask("aim", input.point, true),
        (at) => click(tab, input, at),
      );
    case "pointer":
      return await real(tab, await tab.ask("aim", input.point, false), ({ x, y }) => [
        tab.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y }),
      ]);
    case "key": {
      const aimed = await tab.ask<Aimed>("aimKey", input.element, input.key);
      return await real(tab, aimed && { ...aimed, at: { x: 0, y: 0 } }, () => press(tab, input));
    }
    case "viewport":
      await tab.ask("willResizeTo", input.width, input.height);
      await tab.resize(input.width, input.height);
      return { applied: true };
    default:
      return await tab.ask<Applied>("setInPlace", input, known) ?? GONE;
  }
}

/** Sends real input to where our script in the page said, all of it at once. */
async function real(
  tab: Tab,
  aimed: Aimed | undefined,
  send: (at: { x: number; y: number }) => Promise<unknown>[],
): Promise<Applied> {
  if (!aimed) return GONE;
  const { at, ...told } = aimed;
  if (!told.applied || !at) return told;
  await within(INPUT_MS, Promise.all(send(at))).catch(() => {});
  tab.ask("disarm").catch(() => {});
  return told;
}

function click(
  tab: Tab,
  { button = "left", count = 1, modifiers = [] }: Extract<Input, { type: "click" }>,
  at: { x: number; y: number },
): Promise<unknown>[] {
  const about = { ...at, button, clickCount: count, modifiers: bitsOf(modifiers) };
  return [
    tab.send("Input.dispatchMouseEvent", {
      type: "mousePressed",
      buttons: BUTTON_BITS[button],
      ...about,
    }),
    tab.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...about }),
  ];
}

function press(
  tab: Tab,
  { key, code = key, modifiers = [] }: Extract<Input, { type: "key" }>,
): Promise<unknown>[] {
  const about = { key, code, windowsVirtualKeyCode: KEYS[key], modifiers: bitsOf(modifiers) };
  const text = key === "Enter" ? { text: "\r" } : {};
  return [
    tab.send("Input.dispatchKeyEvent", {
      type: key === "Enter" ? "keyDown" : "rawKeyDown",
      ...about,
      ...text,
    }),
    tab.send("Input.dispatchKeyEvent", { type: "keyUp", ...about }),
  ];
}

function bitsOf(modifiers: readonly (keyof typeof MODIFIERS)[]): number {
  return modifiers.reduce((bits, name) => bits | MODIFIERS[name], 0);
}
