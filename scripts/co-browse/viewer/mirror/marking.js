/** Keys that lead from one thing to another. */
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
/** What can be meant though it has no text of its own. */
const THINGS = "a, button, input, select, textarea, img, svg, video, canvas";
const WORDS_CHARS = 80;

/** Points things out in the mirror, by a press or by keys, in place of driving the page. */
export class Marking {
  isOn = false;
  #nodes;
  #side;
  #at;

  /**
   * @param nodes Of the mirror.
   * @param side Told what is looked at: `choose(element, words)`; what is meant: `mark(element)`; and
   * that it is enough: `end()`.
   */
  constructor(nodes, side) {
    this.#nodes = nodes;
    this.#side = side;
    addEventListener("keydown", (event) => this.isOn && this.#key(event), { capture: true });
  }

  turn(isOn) {
    this.isOn = isOn;
    this.#choose(undefined);
  }

  mark(element) {
    this.#choose(element);
    this.#side.mark(element);
  }

  #key(event) {
    const { key } = event;
    if (!Object.hasOwn(STEPS, key) && key !== "Enter" && key !== "Escape") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (key === "Escape") return this.#side.end();
    if (key !== "Enter") return this.#step(STEPS[key]);
    // By Tab one comes to links and fields, too.
    const meant = this.#at?.isConnected ? this.#at : document.activeElement;
    if (meant && meant !== document.body) this.#side.mark(meant);
  }

  #step(step) {
    const things = [...document.body.querySelectorAll("*")].filter((one) => this.#isThing(one));
    const at = things.indexOf(this.#at);
    const first = step > 0 ? 0 : things.length - 1;
    this.#choose(things[at < 0 ? first : at + step] ?? this.#at);
    this.#at?.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  #choose(element) {
    this.#at = element;
    this.#side.choose(element, element && wordsOf(element));
  }

  #isThing(element) {
    if (this.#nodes.idOf(element) === undefined || !element.checkVisibility()) return false;
    return element.matches(THINGS) ||
      [...element.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim());
  }
}

/** What somebody is told who does not see it. */
function wordsOf(element) {
  const { ariaLabel, placeholder, alt, localName } = element;
  const text = ariaLabel || element.innerText?.trim() || placeholder || alt || localName;
  return text.length > WORDS_CHARS ? `${text.slice(0, WORDS_CHARS)}…` : text;
}
