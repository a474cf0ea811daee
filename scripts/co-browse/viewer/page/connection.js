/** Waits between attempts to come back, milliseconds: drawn at random below a bound that grows. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** The way to the shared browser, made again when it breaks. */
export class Connection {
  #hello;
  #onMessage;
  #onState;
  #socket;
  #waitMs = FIRST_WAIT_MS;
  #isOver = false;

  /**
   * @param hello Answers the first message of each attempt.
   * @param onMessage Told of each message.
   * @param onState Told `connecting`, `open`, or `broken`.
   */
  constructor({ hello, onMessage, onState }) {
    this.#hello = hello;
    this.#onMessage = onMessage;
    this.#onState = onState;
    this.#open();
  }

  /** @returns Whether there is a connection to say it on. */
  say(message) {
    const isOpen = this.#socket.readyState === WebSocket.OPEN;
    if (isOpen) this.#socket.send(JSON.stringify(message));
    return isOpen;
  }

  close() {
    this.#isOver = true;
    this.#socket.close();
  }

  #open() {
    const url = new URL("socket", document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    url.search = new URLSearchParams({ "writ-page": document.body.dataset.page });
    const socket = this.#socket = new WebSocket(url);
    let waiting = "";
    this.#onState("connecting");
    socket.onopen = () => {
      socket.send(JSON.stringify(this.#hello()));
      this.#waitMs = FIRST_WAIT_MS;
      this.#onState("open");
    };
    socket.onmessage = ({ data }) => {
      // The rest of what was begun does not come.
      waiting = data === "!" ? "" : waiting + data.slice(1);
      if (data[0] !== ".") return;
      const message = JSON.parse(waiting);
      waiting = "";
      this.#onMessage(message);
    };
    socket.onclose = () => {
      if (this.#isOver) return;
      this.#onState("broken");
      setTimeout(() => this.#isOver || this.#open(), Math.random() * this.#waitMs);
      this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2);
    };
  }
}
