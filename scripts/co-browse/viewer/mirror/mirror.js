import { build, buildFrame, insert } from "./build.js";
import { setAttribute } from "./inert.js";
import { Nodes } from "./nodes.js";
import { changeSheet, forgetSheets } from "./sheets.js";

/** Kinds of events, as rrweb counts them. */
const EVENT = { full: 2, change: 3, meta: 4 };
/** Kinds of changes. */
const CHANGE = {
  nodes: 0,
  scroll: 3,
  viewport: 4,
  input: 5,
  rules: 8,
  declaration: 13,
  adopted: 15,
};

/** The shared page, rebuilt in this document from what its recorder says. */
export class Mirror {
  nodes = new Nodes();
  #onSize;
  #onScroll;
  #isTyped;

  /**
   * @param onSize Told the size of the shared page's window.
   * @param onScroll Told where something is scrolled to, before it is.
   * @param isTyped Whether somebody here is typing in a field, so that an echo must not disturb.
   */
  constructor({ onSize, onScroll, isTyped }) {
    this.#onSize = onSize;
    this.#onScroll = onScroll;
    this.#isTyped = isTyped;
  }

  take(event) {
    if (event.type === EVENT.meta) this.#onSize(event.data.width, event.data.height);
    else if (event.type === EVENT.full) this.#build(event.data);
    else if (event.type === EVENT.change) this.#change(event.data);
  }

  /** The element that a path or a number names here. */
  find({ node, path }) {
    if (node !== undefined) return this.nodes.get(node);
    let root = document, element = null;
    try {
      for (const step of path.split(" >>> ")) {
        element = root?.querySelector(step) ?? null;
        root = element?.shadowRoot;
      }
    } catch {
      return undefined;
    }
    return element ?? undefined;
  }

  #build({ node, initialOffset }) {
    this.nodes.clear();
    this.nodes.add(node.id, document);
    forgetSheets();
    const scrolled = [];
    const root = (node.childNodes ?? []).find(({ type }) => type === 2);
    if (!root) return;
    document.documentElement.replaceWith(build(root, this.nodes, scrolled));
    scrolled.push({ node: document, ...initialOffset });
    for (const { node, left, top } of scrolled) this.#scroll(node, left, top);
  }

  #change(data) {
    switch (data.source) {
      case CHANGE.nodes:
        return this.#changeNodes(data);
      case CHANGE.scroll:
        return this.#scroll(this.nodes.get(data.id), data.x, data.y);
      case CHANGE.viewport:
        return this.#onSize(data.width, data.height);
      case CHANGE.input:
        return this.#input(this.nodes.get(data.id), data);
      case CHANGE.rules:
      case CHANGE.declaration:
      case CHANGE.adopted:
        return changeSheet(this.nodes, data);
    }
  }

  #changeNodes({ removes = [], adds = [], texts = [], attributes = [] }) {
    for (const { id } of removes) {
      const node = this.nodes.get(id);
      if (!node) continue;
      node.remove?.();
      this.nodes.remove(node);
    }
    this.#add(adds);
    for (const { id, value } of texts) {
      const node = this.nodes.get(id);
      if (node && "data" in node) node.data = value ?? "";
    }
    for (const { id, attributes: changed } of attributes) {
      const node = this.nodes.get(id);
      if (!node?.setAttribute) continue;
      for (const [name, value] of Object.entries(changed)) setAttribute(node, name, value);
    }
  }

  /** Nodes come in any sequence: one whose neighbours are not there yet waits for them. */
  #add(adds) {
    const scrolled = [];
    for (let waiting = adds; waiting.length > 0;) {
      const later = waiting.filter((add) => !this.#place(add, scrolled));
      // What nobody knows the place of goes to the end of its parent.
      if (later.length === waiting.length) {
        for (const add of later) this.#place({ ...add, nextId: null }, scrolled);
        break;
      }
      waiting = later;
    }
    for (const { node, left, top } of scrolled) this.#scroll(node, left, top);
  }

  #place({ parentId, nextId, node: serialized }, scrolled) {
    const parent = this.nodes.get(parentId);
    if (!parent) return false;
    if (serialized.type === 0) {
      buildFrame(parent, serialized, this.nodes, scrolled);
      return true;
    }
    const next = nextId === null || nextId === undefined ? null : this.nodes.get(nextId);
    if (next === undefined) return false;
    const known = this.nodes.get(serialized.id);
    if (known && known !== document) {
      known.remove?.();
      this.nodes.remove(known);
    }
    insert(parent, build(serialized, this.nodes, scrolled), serialized, next);
    return true;
  }

  #scroll(node, left = 0, top = 0) {
    if (!node) return;
    const target = node === document ? document.scrollingElement : node;
    if (!target?.scrollTo) return;
    this.#onScroll(node, left, top);
    target.scrollTo({ left, top, behavior: "instant" });
  }

  #input(element, { text, isChecked }) {
    if (!element || this.#isTyped(element)) return;
    if (element.type === "checkbox" || element.type === "radio") element.checked = isChecked;
    else if (element.localName === "option") element.selected = isChecked;
    else if ("value" in element && element.value !== text) element.value = text;
  }
}
