import { WIRE_LIMITS } from "../../wire/limits.ts";
import { pathOf } from "./paths.js";

/** Moves and scrolls that are told, at most one in so many milliseconds. */
const PACE_MS = 33;
/** What somebody typed here is not overwritten by its own echo for so long. */
const TYPING_MS = 1_000;
/** Keys that do something without writing anything. */
const KEYS = new Set(["Enter", "Escape"]);

/** Tells what whoever looks at the mirror does in it, while they have control. */
export class Capture {
  /** The page that is shown. */
  document = "";
  isDriving = false;
  #nodes;
  #tell;
  #marking;
  #typed = { element: undefined, at: -Infinity };
  /** The field that has the focus, as it was before that. */
  #entered = {};
  /** Where the mirror itself scrolled to. */
  #scrolledTo = new WeakMap();

  /**
   * @param nodes Of the mirror.
   * @param tell Told `{ input }` and `{ point }`.
   * @param marking Has what is pressed while it is on.
   */
  constructor(nodes, tell, marking) {
    this.#nodes = nodes;
    this.#tell = tell;
    this.#marking = marking;
    const on = (type, listener) => addEventListener(type, listener, { capture: true });
    on("click", (event) => this.#click(event));
    on("dblclick", (event) => this.#click(event, 2));
    on("submit", (event) => event.preventDefault());
    on("auxclick", (event) => event.preventDefault());
    on("dragstart", (event) => event.preventDefault());
    on("beforeinput", (event) => {
      if (!this.isDriving || marking.isOn) event.preventDefault();
    });
    on("input", (event) => this.#input(event.target));
    on("change", (event) => this.#input(event.target));
    on("focusin", ({ target }) => this.#entered = { element: target, value: target.value });
    on("keydown", (event) => this.#key(event));
    on("scroll", paced((event) => this.#scroll(event.target)));
    on("mousemove", paced((event) => this.#point(event)));
    on("mouseleave", () => this.#tell({ point: null }));
  }

  /** Whether somebody is typing in a field just now. */
  isTyped(element) {
    const { element: typed, at } = this.#typed;
    return element === typed && performance.now() - at < TYPING_MS;
  }

  /** What was typed has no effect: the field is as it was. */
  takeBack() {
    const { element, value } = this.#entered;
    if (value !== undefined) element.value = value;
  }

  /** The mirror scrolls; that is nobody's doing here. */
  scrolls(node, left, top) {
    this.#scrolledTo.set(node, { left, top });
  }

  #click(event, count) {
    if (this.#marking.isOn) {
      event.preventDefault();
      return this.#marking.mark(event.composedPath()[0]);
    }
    const choice = event.target.closest?.("select, option");
    if (!choice) event.preventDefault();
    const point = this.#pointOf(event);
    if (this.isDriving && point && !choice) {
      this.#do({ type: "click", point, ...(count && { count }) });
    }
  }

  #input(element) {
    const ref = this.#refOf(element);
    if (!this.isDriving || !ref) return;
    const { localName, type, value, selectedOptions } = element;
    if (type === "checkbox" || type === "radio") return;
    this.#typed = { element, at: performance.now() };
    if (localName === "select") {
      const values = [...selectedOptions].map((option) => option.value);
      this.#do({ type: "input", element: ref, values });
    } else if (typeof value === "string") {
      this.#do({ type: "input", element: ref, value });
    }
  }

  #key(event) {
    const element = event.target;
    const isControl = element.matches?.("a, button, summary, select, textarea");
    if (!this.isDriving || !KEYS.has(event.key)) return;
    if (event.key === "Enter" && isControl) return;
    event.preventDefault();
    this.#do({ type: "key", element: this.#refOf(element) ?? null, key: event.key });
  }

  #scroll(target) {
    if (!this.isDriving) return;
    const isPage = target === document;
    const box = isPage ? document.scrollingElement : target;
    const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = box;
    const own = this.#scrolledTo.get(target);
    const isNear = own && Math.abs(own.left - scrollLeft) < 2 && Math.abs(own.top - scrollTop) < 2;
    this.#scrolledTo.delete(target);
    const element = isPage ? null : this.#refOf(target);
    if (isNear || element === undefined) return;
    const x = part(scrollLeft, scrollWidth - clientWidth);
    const y = part(scrollTop, scrollHeight - clientHeight);
    this.#do({ type: "scroll", element, x, y });
  }

  #point(event) {
    const point = this.#pointOf(event);
    if (point) this.#tell({ point: { ...point, ...pathIn(event.composedPath()[0]) } });
  }

  #pointOf(event) {
    const [element] = event.composedPath();
    const ref = this.#refOf(element);
    if (!ref || !element.getBoundingClientRect) return undefined;
    const { left, top, width, height } = element.getBoundingClientRect();
    // A click by the keyboard has no place: take the middle.
    const isPlaced = event.detail > 0 || event.type === "mousemove";
    const x = isPlaced ? part(event.clientX - left, width) : 0.5;
    const y = isPlaced ? part(event.clientY - top, height) : 0.5;
    return { ...ref, x, y };
  }

  /** What is told of an element that is pointed out. */
  namesOf(element) {
    const ref = this.#refOf(element);
    return ref && { ...ref, ...pathIn(element) };
  }

  #refOf(element) {
    const node = this.#nodes.idOf(element);
    return node === undefined || !this.document ? undefined : { node, document: this.document };
  }

  #do(input) {
    this.#tell({ input });
  }
}

/** For browsers that have the page itself, and know nothing of the mirror's numbers. */
function pathIn(element) {
  const path = pathOf(element);
  return path !== undefined && path.length <= WIRE_LIMITS.PATH_CHARS ? { path } : {};
}

function part(of, whole) {
  return whole > 0 ? Math.min(1, Math.max(0, of / whole)) : 0;
}

/** Passes the first call on, and the last of those that come too soon after it. */
function paced(act) {
  let timer, latest;
  return (event) => {
    latest = event;
    if (timer) return;
    act(event);
    timer = setTimeout(() => {
      timer = undefined;
      if (latest !== event) act(latest);
    }, PACE_MS);
  };
}
