import { WIRE_LIMITS } from "../../wire/limits.ts";
import { STROKE_STYLE, Strokes } from "./strokes.js";

/** Pointers and marks over the mirrored page, in a shadow that its style sheets do not reach. */
export class Overlay {
  #mirror;
  #host = document.createElement("writ-overlay");
  #root = this.#host.attachShadow({ mode: "closed" });
  #shown = new Map();
  #choice;
  #strokes;

  /** @param pad Lies over the page while somebody draws here. */
  constructor(mirror, pad) {
    this.#mirror = mirror;
    this.#strokes = new Strokes(mirror);
    const style = document.createElement("style");
    style.textContent = `
      :host { all: initial !important; display: block !important; position: fixed !important;
        inset: 0 !important; pointer-events: none !important; z-index: 2147483647 !important; }
      div { position: absolute; font: 600 14px/1.2 system-ui, sans-serif; color: var(--color); }
      .pointer { transition: transform .05s linear; left: 0; top: 0; }
      .pointer::before { content: ""; display: block; width: 14px; height: 14px;
        background: var(--color); clip-path: polygon(0 0, 100% 60%, 55% 65%, 30% 100%); }
      .mark { border: 3px solid var(--color); border-radius: 4px; margin: -5px; padding: 2px;
        box-shadow: 0 0 0 2px #fff, 0 0 0 4px #000a; opacity: 0;
        animation: fade ${WIRE_LIMITS.MARK_MS}ms linear; }
      .choice { outline: 3px dashed #000; outline-offset: 1px; box-shadow: 0 0 0 6px #fff; }
      .choice span { display: none; }
      ${STROKE_STYLE}
      @keyframes fade { 0%, 70% { opacity: 1; } 100% { opacity: 0; } }
      span { background: var(--color); color: #fff; padding: 1px 5px; border-radius: 3px;
        white-space: nowrap; }`;
    this.#root.append(style, this.#strokes.layer, pad);
    this.place();
    addEventListener("scroll", () => this.place(), { capture: true, passive: true });
  }

  /** Shows somebody's pointer, or takes it away. */
  point(who, at) {
    this.#set(`pointer ${who.id}`, "pointer", who, at);
  }

  /** Shows a frame round what somebody marks, or takes it away. */
  mark(who, element) {
    const key = `mark ${who.id}`;
    clearTimeout(this.#shown.get(key)?.timer);
    // Anew, so that it fades anew.
    this.#set(key, "mark", who, null);
    if (!element) return;
    this.#set(key, "mark", who, element);
    this.#shown.get(key).timer = setTimeout(
      () => this.#set(key, "mark", who, null),
      WIRE_LIMITS.MARK_MS,
    );
  }

  /** Shows a part of a line that somebody draws, or takes all of theirs away. */
  draw(who, stroke) {
    if (stroke) this.#strokes.draw(who, stroke);
    else this.#strokes.clear(who);
  }

  /** Shows what is about to be pointed out here, or nothing. */
  choose(element) {
    this.#choice = element;
    this.#set("choice", "choice", { name: "", color: "#000000" }, element && {});
  }

  /** After the page was built anew, scrolled or changed. */
  place() {
    if (this.#host.parentNode !== document.documentElement) {
      document.documentElement.append(this.#host);
    }
    for (const { box, at } of this.#shown.values()) this.#put(box, at);
    this.#strokes.place();
  }

  #set(key, kind, { name, color }, at) {
    const old = this.#shown.get(key);
    if (!at) {
      old?.box.remove();
      this.#shown.delete(key);
      return;
    }
    const box = old?.box ?? document.createElement("div");
    if (!old) {
      box.className = kind;
      box.setAttribute("aria-hidden", "true");
      const label = document.createElement("span");
      label.textContent = name;
      box.append(label);
      this.#root.append(box);
    }
    box.style.setProperty("--color", color);
    this.#shown.set(key, { box, at });
    this.#put(box, at);
  }

  #put(box, at) {
    const element = box.className === "choice" ? this.#choice : this.#mirror.find(at);
    box.hidden = !element?.getBoundingClientRect;
    if (box.hidden) return;
    const { left, top, width, height } = element.getBoundingClientRect();
    if (box.className === "pointer") {
      box.style.transform = `translate(${left + at.x * width}px, ${top + at.y * height}px)`;
    } else {
      Object.assign(box.style, {
        left: `${left}px`,
        top: `${top}px`,
        width: `${width}px`,
        height: `${height}px`,
      });
    }
  }
}
