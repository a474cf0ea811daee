/** The button that has a press in the shared page point something out, in place of what it does there. */
export class Pointing {
  #button = document.querySelector("#point");
  #frame;
  #notices;

  constructor(frame, notices) {
    this.#frame = frame;
    this.#notices = notices;
    this.#button.addEventListener("click", () => this.#turn(this.#button.ariaPressed !== "true"));
  }

  /** @param word Of the frame: `{ chosen }` is what somebody has come to by the keyboard. */
  hear({ pointing, chosen }) {
    if (chosen) this.#notices.tell(chosen);
    if (pointing === true) this.#begun();
    if (pointing === false) this.#ended();
  }

  /** The frame takes what comes now as pointing. */
  #begun() {
    this.#notices.tell("Press what you mean; or arrow keys and Enter. Escape ends it.");
    this.#frame.focus();
  }

  /** Escape was pressed in the frame. */
  #ended() {
    this.#turn(false);
    this.#button.focus();
  }

  #turn(isOn) {
    this.#button.ariaPressed = String(isOn);
    this.#frame.tell({ pointing: isOn });
  }
}
