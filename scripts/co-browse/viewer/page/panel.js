import { ROLES } from "./words.js";

/** People, control and chat beside the shared page. */
export class Panel {
  people = [];
  holder = "";
  you = "";
  #list = document.querySelector("#people");
  #lines = document.querySelector("#lines");
  #status = document.querySelector("#status");
  #buttons;

  /** @param buttons Answers what can be done about somebody: `{ label, act }[]`. */
  constructor({ onChat, buttons = () => [] }) {
    this.#buttons = buttons;
    const form = document.querySelector("#chat");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = form.elements.text.value.trim();
      if (text) onChat(text);
      form.reset();
    });
  }

  /** For everybody to see, and for screen readers to say. */
  say(text) {
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }

  who(id) {
    return this.people.find((person) => person.id === id) ??
      { id, name: "Somebody", color: "#666666" };
  }

  showPeople(people) {
    this.people = people;
    // Who is in the middle of pressing a button stays there.
    const focused = document.activeElement?.dataset?.key;
    this.#list.replaceChildren(...people.map((person) => this.#row(person)));
    if (focused) this.#list.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  addLine({ from, text }) {
    const line = document.createElement("li");
    const name = document.createElement("b");
    name.textContent = `${this.who(from).name}: `;
    line.append(name, text);
    this.#lines.append(line);
    line.scrollIntoView({ block: "nearest" });
  }

  clearLines() {
    this.#lines.replaceChildren();
  }

  #row(person) {
    const { id, name, color, role, here, ms } = person;
    const row = document.createElement("li");
    const dot = document.createElement("span");
    dot.className = "dot";
    dot.style.background = color;
    dot.setAttribute("aria-hidden", "true");
    const words = [
      `${name}${id === this.you ? " (you)" : ""} ${here ? ROLES[role] : "is away"}`,
      ...(ms ? [`${Math.round(ms)} ms`] : []),
    ];
    row.append(dot, words.join(", "));
    for (const { label, act } of this.#buttons(person)) {
      const button = document.createElement("button");
      button.textContent = label;
      button.dataset.key = `${label} ${id}`;
      button.setAttribute("aria-label", `${label}: ${name}`);
      button.addEventListener("click", act);
      row.append(button);
    }
    return row;
  }
}
