const $ = (selector) => document.querySelector(selector);
const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/;

/** The invitation that was made last, as others take it: a link, and a line. */
export class Invitation {
  #notices;
  #place = document.body.dataset;
  #text = "";

  constructor(notices) {
    this.#notices = notices;
    const { address } = this.#place;
    const own = LOOPBACK.test(location.hostname) ? "" : new URL(document.baseURI).origin;
    $("#reach").value = address || own;
    $("#reach").addEventListener("input", () => this.#write());
    for (const id of ["invitation", "order"]) {
      $(`#copy-${id}`).addEventListener("click", () => this.#copy($(`#${id}`)));
    }
  }

  /** @param forMs How long it is good. */
  show({ key, rights, forMs }) {
    const { session } = this.#place;
    this.#text = `${session}.${key}`;
    const minutes = Math.max(1, Math.round(forMs / 60_000));
    $("#invited-for").textContent = `For one person to ${rights}, once, within ${minutes} ` +
      `${minutes === 1 ? "minute" : "minutes"}. You are asked when they come.`;
    $("#invited").hidden = false;
    this.#write();
    $("#invitation").select();
  }

  /** It was used. */
  hide() {
    $("#invited").hidden = true;
  }

  /** The key stands behind the `#`, which browsers send to nobody. */
  #write() {
    const { agent, script } = this.#place;
    const reach = originOf($("#reach").value);
    const { pathname, origin } = new URL(`join`, document.baseURI);
    $("#invitation").value = `${reach ?? origin}${pathname}#${this.#text}`;
    const { hostname } = new URL($("#invitation").value);
    $("#near").hidden = !LOOPBACK.test(hostname);
    $("#reach").ariaInvalid = String($("#reach").value !== "" && !reach);
    const input = { do: "join", peer: agent, invitation: this.#text };
    $("#order").value = `writ order ${script} --follow --input '${JSON.stringify(input)}'`;
  }

  /** A page without an origin may not ask for the clipboard, but may copy what is chosen in it. */
  #copy(field) {
    field.select();
    const isCopied = document.execCommand("copy");
    this.#notices.tell(isCopied ? "Copied" : "Copy what is chosen now with your keyboard");
  }
}

function originOf(text) {
  const url = URL.parse(text.trim());
  return url && /^https?:$/.test(url.protocol) ? url.origin : undefined;
}
