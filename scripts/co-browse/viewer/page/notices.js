/** How long a word about something that was done stays. */
const NOTICE_MS = 8_000;

/** What people are told: how things stand, and for a while what became of something. */
export class Notices {
  #status = document.querySelector("#status");
  #notice = document.querySelector("#notice");
  #title = document.title;
  #timer;

  /** @param kind `wait`, `ask`, `live`, `calm` or `bad`: how it looks. */
  stands(kind, text) {
    this.#status.dataset.kind = kind;
    if (this.#status.textContent === text) return;
    this.#status.textContent = text;
    document.title = kind === "ask" ? `${text} · ${this.#title}` : this.#title;
  }

  /** Said by screen readers too, and away by itself. */
  tell(text) {
    clearTimeout(this.#timer);
    this.#notice.classList.remove("old");
    this.#notice.textContent = text;
    this.#timer = setTimeout(() => this.#notice.classList.add("old"), NOTICE_MS);
  }

  /** All is over: nothing but that is shown. */
  end({ title, next }) {
    const over = document.querySelector("#over");
    over.querySelector("#over-title").textContent = title;
    over.querySelector("#over-next").textContent = next;
    for (const other of over.parentElement.children) other.hidden = other !== over;
    this.#notice.textContent = "";
    this.stands("calm", "");
    over.focus();
  }
}
