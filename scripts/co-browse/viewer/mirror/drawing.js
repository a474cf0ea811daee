import { WIRE_LIMITS } from "../../wire/limits.ts";

/** How often what was drawn is told. */
const PACE_MS = 50;
/** Nearer than that to the last one, a point says nothing, CSS pixels. */
const STEP = 3;
/** What a line belongs to is no smaller, so that its fractions stay near it. */
const LEAST = 32;

/** Takes lines that are drawn over the mirror, by a pointer, a finger or a pen. */
export class Drawing {
  /** Lies over all of the page while somebody draws. */
  pad = document.createElement("div");
  #side;
  #n = 0;
  /** What is drawn just now: `{ pointer, at, element, names, points }`. */
  #line;
  #timer;

  /**
   * @param side Answers what names an element, `namesOf(element)`; told the next part of a line,
   * `draw(stroke)`, that all of them go, `draw(null)`, and that it is enough, `end()`.
   */
  constructor(side) {
    this.#side = side;
    const { pad } = this;
    pad.hidden = true;
    pad.className = "pad";
    pad.addEventListener("pointerdown", (event) => this.#begin(event));
    pad.addEventListener("pointermove", (event) => this.#go(event));
    for (const type of ["pointerup", "pointercancel"]) {
      pad.addEventListener(type, (event) => this.#lift(event));
    }
    addEventListener("keydown", (event) => {
      if (pad.hidden || event.key !== "Escape") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      this.#side.end();
    }, { capture: true });
  }

  turn(isOn) {
    if (!this.pad.hidden && !isOn) {
      this.#line = undefined;
      this.#side.draw(null);
    }
    this.pad.hidden = !isOn;
  }

  #begin(event) {
    const element = this.#under(event);
    if (this.#line || !element) return;
    event.preventDefault();
    this.pad.setPointerCapture(event.pointerId);
    this.#line = { pointer: event.pointerId, element, names: this.#side.namesOf(element) };
    this.#continue();
    this.#add(event);
  }

  #go(event) {
    const { pointer, at } = this.#line ?? {};
    if (event.pointerId !== pointer) return;
    const way = Math.hypot(event.clientX - at.clientX, event.clientY - at.clientY);
    if (way >= STEP) this.#add(event);
  }

  #lift(event) {
    if (event.pointerId !== this.#line?.pointer) return;
    this.#tell();
    this.#line = undefined;
  }

  #add(event) {
    const line = this.#line;
    const { left, top, width, height } = line.element.getBoundingClientRect();
    const point = [fraction(event.clientX - left, width), fraction(event.clientY - top, height)];
    line.at = event;
    line.points.push(point);
    this.#timer ??= setTimeout(() => this.#tell(), PACE_MS);
    if (++line.count < WIRE_LIMITS.STROKE_POINTS) return;
    // One that is longer goes on as another one.
    this.#tell();
    this.#continue();
    line.points.push(point);
  }

  #continue() {
    Object.assign(this.#line, { n: ++this.#n, points: [], count: 0 });
  }

  #tell() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { n, names, points } = this.#line ?? {};
    if (points?.length > 0) this.#side.draw({ n, element: names, points: points.splice(0) });
  }

  /** What is below the pad, and has a name that others know. */
  #under({ clientX, clientY }) {
    const names = (element) => this.#side.namesOf(element);
    const found = document.elementsFromPoint(clientX, clientY).find(names);
    let element = found;
    while (element?.parentElement && isSmall(element)) element = element.parentElement;
    return element && names(element) ? element : found;
  }
}

function isSmall(element) {
  const { width, height } = element.getBoundingClientRect();
  return width < LEAST || height < LEAST;
}

function fraction(of, whole) {
  const { STROKE_REACH } = WIRE_LIMITS;
  const part = Math.round(10_000 * of / Math.max(whole, 1)) / 10_000;
  return Math.min(STROKE_REACH, Math.max(-STROKE_REACH, part));
}
