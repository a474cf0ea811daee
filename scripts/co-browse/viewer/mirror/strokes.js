import { WIRE_LIMITS } from "../../wire/limits.ts";

const SVG = "http://www.w3.org/2000/svg";
const { STROKES, STROKE_MS, STROKE_POINTS } = WIRE_LIMITS;

export const STROKE_STYLE = `
  .pad { inset: 0; pointer-events: auto; touch-action: none; cursor: crosshair; }
  .pad[hidden] { display: none; }
  svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: hidden; }
  polyline { fill: none; stroke: var(--color); stroke-width: 4px; stroke-linecap: round;
    stroke-linejoin: round; filter: drop-shadow(0 0 1px #fff) drop-shadow(0 0 1px #fff); }
  text { font: 600 14px/1.2 system-ui, sans-serif; fill: var(--color); stroke: #fff;
    stroke-width: 3px; paint-order: stroke; }`;

/** What people draw over the mirrored page, for as long as it is to be seen. */
export class Strokes {
  layer = document.createElementNS(SVG, "svg");
  #mirror;
  /** By person and number, in the sequence in which they were begun. */
  #shown = new Map();

  constructor(mirror) {
    this.#mirror = mirror;
    this.layer.setAttribute("aria-hidden", "true");
  }

  draw(who, { n, element, points }) {
    const key = `${who.id} ${n}`;
    const line = this.#shown.get(key) ?? this.#begin(key, who, element);
    line.points.push(...points.slice(0, STROKE_POINTS - line.points.length));
    line.fading?.cancel();
    line.fading = line.group.animate({ opacity: [1, 1, 0] }, STROKE_MS);
    line.fading.onfinish = () => this.#remove(key);
    this.#put(line);
  }

  clear({ id }) {
    for (const key of this.#of(id)) this.#remove(key);
  }

  /** After the page has moved below. */
  place() {
    for (const line of this.#shown.values()) this.#put(line);
  }

  #begin(key, { id, name, color }, element) {
    const [group, shape, words] = ["g", "polyline", "text"].map((kind) =>
      document.createElementNS(SVG, kind)
    );
    group.style.setProperty("--color", color);
    words.textContent = name;
    group.append(shape, words);
    this.layer.append(group);
    const line = { group, shape, words, element, points: [] };
    this.#shown.set(key, line);
    const own = this.#of(id);
    if (own.length > STROKES) this.#remove(own[0]);
    return line;
  }

  #of(id) {
    return [...this.#shown.keys()].filter((key) => key.startsWith(`${id} `));
  }

  #remove(key) {
    this.#shown.get(key)?.group.remove();
    this.#shown.delete(key);
  }

  #put({ group, shape, words, element, points }) {
    const box = this.#mirror.find(element)?.getBoundingClientRect?.();
    group.style.display = box && points.length > 0 ? "" : "none";
    if (!box || points.length === 0) return;
    const places = points.map(([x, y]) => [box.left + x * box.width, box.top + y * box.height]);
    // A line of one place is a dot.
    shape.setAttribute("points", [...places, places.at(-1)].join(" "));
    words.setAttribute("x", places[0][0] + 8);
    words.setAttribute("y", places[0][1] - 10);
  }
}
