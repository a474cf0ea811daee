/** Keys that lead from one page's tab to another's, by how far. */
const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

/** The pages of the shared browser. Whoever has control turns to another. */
export class PageTabs {
  #list = document.querySelector("#tabs");
  #panel = document.querySelector("#panel");
  #address = document.querySelector("#address");
  #onTurn;
  #pages = [];
  #active = 0;
  #mayTurn = false;

  /** @param onTurn Told the number of a page. */
  constructor(onTurn) {
    this.#onTurn = onTurn;
    this.#list.addEventListener("keydown", (event) => this.#step(event));
    this.#list.addEventListener("focusout", () => this.#leadTo(`tab-${this.#active}`));
  }

  /** @param isAllowed Whether a press turns to another page. */
  set mayTurn(isAllowed) {
    this.#mayTurn = isAllowed;
    for (const tab of this.#list.children) this.#allow(tab);
  }

  show({ tabs, active }) {
    this.#pages = tabs;
    this.#active = active;
    this.#draw();
  }

  /** The page that is looked at is elsewhere now. */
  moved(url) {
    this.#pages = this.#pages.map((page) => page.tab === this.#active ? { ...page, url } : page);
    this.#draw();
  }

  #draw() {
    const focused = this.#list.contains(document.activeElement) && document.activeElement.id;
    this.#list.replaceChildren(...this.#pages.map((page) => this.#tab(page)));
    if (focused) (document.getElementById(focused) ?? this.#list.firstChild)?.focus();
    this.#panel.setAttribute("aria-labelledby", `tab-${this.#active}`);
    this.#address.textContent = this.#pages.find(({ tab }) => tab === this.#active)?.url ?? "";
  }

  #tab({ tab, url }) {
    const isActive = tab === this.#active;
    const button = document.createElement("button");
    button.type = "button";
    button.id = `tab-${tab}`;
    button.role = "tab";
    button.ariaSelected = String(isActive);
    button.tabIndex = isActive ? 0 : -1;
    button.setAttribute("aria-controls", this.#panel.id);
    button.textContent = shortened(url);
    button.addEventListener("click", () => isActive || this.#onTurn(tab));
    this.#allow(button);
    return button;
  }

  #allow(tab) {
    tab.ariaDisabled = String(!this.#mayTurn && tab.ariaSelected !== "true");
  }

  #step(event) {
    const { [event.key]: step } = STEPS;
    if (step === undefined) return;
    event.preventDefault();
    const tabs = [...this.#list.children];
    const at = tabs.indexOf(document.activeElement) + step;
    const next = tabs[Math.min(tabs.length - 1, Math.max(0, at))];
    next.focus();
    this.#leadTo(next.id);
  }

  /** The tab that Tab comes to. */
  #leadTo(id) {
    for (const tab of this.#list.children) tab.tabIndex = tab.id === id ? 0 : -1;
  }
}

/** Its site, and where on it. */
function shortened(url) {
  const { host = "New page", pathname = "" } = URL.parse(url) ?? {};
  return pathname.length > 1 ? `${host}${pathname}` : host;
}
