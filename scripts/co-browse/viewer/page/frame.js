/** What this page's own script may run by: the frame has the same policy. */
const { nonce } = document.currentScript;

/**
 * The frame in which the mirrored page lives: of nobody's origin, without forms, and told apart from
 * this page by the browser itself.
 */
export class Frame {
  #frame = document.querySelector("#shared");
  #stage = document.querySelector("#stage");
  #port;
  #early = [];
  #size = { width: 1280, height: 800 };
  #isFullSize = false;

  /** @param onMessage Told what is done in the frame. */
  constructor(onMessage) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      if (data.ready) this.#ready(port1);
      else if (data.size) this.#resize(data.size);
      else onMessage(data);
    };
    this.#frame.addEventListener("load", () => {
      this.#frame.contentWindow.postMessage("port", "*", [port2]);
    }, { once: true });
    const script = document.querySelector("#mirror-script").content.textContent;
    this.#frame.srcdoc = `<!doctype html><html lang="en"><head><title>Shared page</title>` +
      `<script nonce="${nonce}">${script.replaceAll("</", "<\\/")}</` +
      `script></head><body></body></html>`;
    new ResizeObserver(() => this.#fit()).observe(this.#stage);
  }

  tell(message) {
    if (this.#port) this.#port.postMessage(message);
    else this.#early.push(message);
  }

  /** What is typed goes to the shared page. */
  focus() {
    this.#frame.focus();
  }

  /** As large as it is, in a window that is scrolled, or all of its width. */
  set isFullSize(isFullSize) {
    this.#isFullSize = isFullSize;
    this.#stage.classList.toggle("full-size", isFullSize);
    this.#fit();
  }

  #ready(port) {
    this.#port = port;
    for (const message of this.#early.splice(0)) port.postMessage(message);
  }

  #resize(size) {
    this.#size = size;
    this.#fit();
  }

  /** The shared window keeps its proportions; what is wider than this one is shown smaller. */
  #fit() {
    const { width, height } = this.#size;
    const scale = this.#isFullSize ? 1 : Math.min(1, this.#stage.clientWidth / width);
    this.#frame.style.width = `${width}px`;
    this.#frame.style.height = `${height}px`;
    this.#frame.style.transform = `scale(${scale})`;
    this.#stage.style.height = this.#isFullSize ? "" : `${Math.ceil(height * scale)}px`;
  }
}
