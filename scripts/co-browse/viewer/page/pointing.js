/** What each button is for, in place of what a press in the shared page does there. */
const HINTS = {
  point: "Press what you mean; or arrow keys and Enter. Escape ends it.",
  draw: "Draw with a finger or the pointer; by keyboard, point out. Escape takes your lines away.",
};

/** The buttons by which people point something out in the shared page, or draw over it. */
export class Pointing {
  #mode = "";
  #frame;
  #notices;

  constructor(frame, notices) {
    this.#frame = frame;
    this.#notices = notices;
    for (const mode of Object.keys(HINTS)) {
      buttonOf(mode).addEventListener("click", () => this.#turn(this.#mode === mode ? "" : mode));
    }
  }

  /** @param word Of the frame: `{ chosen }` is what somebody has come to by the keyboard. */
  hear({ mode, chosen }) {
    if (chosen) this.#notices.tell(chosen);
    if (mode) this.#begun(mode);
    else if (mode === "" && this.#mode) this.#ended();
  }

  /** The frame takes what comes now as that. */
  #begun(mode) {
    this.#notices.tell(HINTS[mode]);
    this.#frame.focus();
  }

  /** Escape was pressed in the frame. */
  #ended() {
    const button = buttonOf(this.#mode);
    this.#turn("");
    button.focus();
  }

  #turn(mode) {
    this.#mode = mode;
    for (const one of Object.keys(HINTS)) buttonOf(one).ariaPressed = String(one === mode);
    this.#frame.tell({ mode });
  }
}

function buttonOf(mode) {
  return document.querySelector(`#${mode}`);
}
