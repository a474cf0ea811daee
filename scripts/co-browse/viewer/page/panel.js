import { ROLES } from "./words.js";

/** People, control and chat beside the shared page. */
export class Panel {
  people = [];
  holder = "";
  asking = [];
  you = "";
  /** What became of the shared browser last. */
  browser = "back";
  #list = document.querySelector("#people");
  #lines = document.querySelector("#lines");
  #buttons;

  /**
   * @param onChat Told a line.
   * @param buttons Answers what can be done about somebody: `{ label, act, isFirst }[]`.
   */
  constructor({ onChat, buttons = () => [] }) {
    this.#buttons = buttons;
    const form = document.querySelector("#chat");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = form.elements.text.value.trim();
      if (!text || onChat(text)) form.reset();
    });
  }

  who = (id) =>
    this.people.find((person) => person.id === id) ??
      { id, name: "Somebody", color: "#666666" };

  showPeople(people) {
    this.people = people;
    // Who is in the middle of pressing a button stays there.
    const focused = document.activeElement?.dataset?.key;
    this.#list.replaceChildren(...people.map((person) => this.#row(person)));
    if (focused) this.#list.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  showControl({ holder, asking }) {
    this.holder = holder;
    this.asking = asking;
  }

  addLine({ from, text }) {
    const line = document.createElement("li");
    const name = document.createElement("b");
    name.textContent = `${this.who(from).name}: `;
    line.append(name, text);
    this.#lines.append(line);
    this.#lines.scrollTop = this.#lines.scrollHeight;
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
    const text = document.createElement("span");
    text.className = "who";
    text.textContent = words.join(", ");
    row.append(dot, text);
    for (const { label, act, isFirst } of this.#buttons(person)) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.classList.toggle("first", isFirst === true);
      button.dataset.key = `${label} ${id}`;
      button.setAttribute("aria-label", `${label}: ${name}`);
      button.addEventListener("click", act);
      row.append(button);
    }
    return row;
  }
}
