import type { BrowserSession } from "writ";
import type { Stroke } from "../wire/input.ts";
import type { Person } from "../wire/host_message.ts";
import { WIRE_LIMITS } from "../wire/limits.ts";

/** Lines that people draw a part at a time, shown in a browser, which takes whole ones. */
export class Strokes {
  readonly #browser: Pick<BrowserSession, "highlight">;
  /** Of each person, by their number, in the sequence in which they were begun. */
  readonly #drawn = new Map<string, Map<number, Stroke>>();
  readonly #lastAt = new Map<string, number>();

  constructor(browser: Pick<BrowserSession, "highlight">) {
    this.#browser = browser;
  }

  /** Shows the next part of a line, as far as there is room; or takes all of somebody's away. */
  draw(who: Pick<Person, "id" | "name" | "color">, part: Stroke | null): void {
    this.#forgetFaded(performance.now());
    const lines = this.#drawn.get(who.id) ?? new Map<number, Stroke>();
    if (!part) {
      this.#drawn.delete(who.id);
      for (const n of lines.keys()) this.#show(`${who.id} ${n}`, null);
      return;
    }
    this.#drawn.set(who.id, lines);
    this.#lastAt.set(who.id, performance.now());
    const line = lines.get(part.n) ?? { ...part, points: [] };
    line.points.push(...part.points.slice(0, WIRE_LIMITS.STROKE_POINTS - line.points.length));
    lines.set(part.n, line);
    if (lines.size > WIRE_LIMITS.STROKES) this.#take(who.id, lines);
    const { name: label, color } = who;
    const look = { color, label, ms: WIRE_LIMITS.STROKE_MS, line: line.points };
    if (line.points.length > 0) this.#show(`${who.id} ${part.n}`, line.element, look);
  }

  /** The oldest one away. */
  #take(id: string, lines: Map<number, Stroke>): void {
    const [oldest] = lines.keys();
    lines.delete(oldest!);
    this.#show(`${id} ${oldest}`, null);
  }

  #forgetFaded(now: number): void {
    for (const [id, at] of this.#lastAt) {
      if (now - at < WIRE_LIMITS.STROKE_MS) continue;
      this.#lastAt.delete(id);
      this.#drawn.delete(id);
    }
  }

  /** What is only shown may fail where the browser is gone. */
  #show(...[id, ...shown]: Parameters<BrowserSession["highlight"]>): void {
    this.#browser.highlight(id, ...shown).catch(() => {});
  }
}
