// What is drawn over the page: pointers of others, frames round elements, and the sign that the page
// is shared. In a closed shadow root, which the page's own styles and scripts do not reach into.
((page) => {
  // How often a page may take the sign away, or lay something over it, within a time.
  const MAX_LOST = 100;
  const LOST_MS = 10_000;
  const AGAIN_MS = 500;
  const SVG = "http://www.w3.org/2000/svg";
  const STYLE = `
    :host { all: initial !important; pointer-events: none !important; }
    .layer { position: fixed; inset: 0; pointer-events: none; z-index: 2147483647;
      font: 13px/1.3 system-ui, sans-serif; }
    .pointer, .frame, .line { position: fixed; pointer-events: none; }
    .pointer::before { content: ""; position: absolute; border: 7px solid transparent;
      border-left-color: var(--color); border-top-color: var(--color);
      filter: drop-shadow(0 0 1px #fff); }
    .frame { border: 3px solid var(--color); border-radius: 4px; box-sizing: border-box;
      box-shadow: 0 0 0 1px #fff; }
    .line { inset: 0; }
    .line svg { position: absolute; width: 100%; height: 100%; fill: none; stroke: var(--color);
      stroke-width: 4px; stroke-linecap: round; stroke-linejoin: round;
      filter: drop-shadow(0 0 1px #fff) drop-shadow(0 0 1px #fff); }
    .label { position: absolute; left: 12px; top: 12px; padding: 1px 6px; border-radius: 4px;
      color: #fff; background: var(--color); white-space: nowrap; text-shadow: 0 0 2px #000; }
    .frame .label { left: -3px; top: -22px; }
    .sign { position: fixed; left: 50%; top: 0; transform: translateX(-50%); padding: 2px 12px;
      border-radius: 0 0 8px 8px; color: #fff; background: #b00020; font-weight: 600; }
    .sign:empty { display: none; }
  `;
  const host = document.createElement("writ-overlay");
  const root = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  const layer = document.createElement("div");
  layer.className = "layer";
  layer.setAttribute("aria-hidden", "true");
  const sign = document.createElement("div");
  sign.className = "sign";
  layer.append(sign);
  root.append(layer);
  host.popover = "manual";
  let isWanted = false;
  const isSigned = () => sign.textContent !== "";
  const isOpen = () => host.matches(":popover-open");
  // Over all that the page shows, dialogs too, and again where the page has taken it away.
  function show() {
    isWanted = true;
    const root = document.documentElement;
    if (!root) return;
    if (host.parentNode !== root) root.append(host);
    if (host.popover !== "manual") host.popover = "manual";
    changes.observe(document, { childList: true });
    changes.observe(root, { childList: true });
    changes.observe(host, { attributeFilter: ["popover"] });
    fit();
    if (!isOpen()) host.showPopover();
  }
  // As large as it is, however the page is zoomed around it.
  const fit = () => {
    layer.style.zoom = String(1 / document.documentElement.currentCSSZoom);
  };
  // Not at once: a page that takes it away for ever must not hold everything up. It is left instead.
  let isDue = false;
  let lost = 0;
  let lostSince = -Infinity;
  const showSoon = () => {
    if (isDue) return;
    isDue = true;
    if (performance.now() - lostSince > LOST_MS) {
      lost = 0;
      lostSince = performance.now();
    }
    if (isSigned() && ++lost > MAX_LOST) return page.report({ type: "hides-sign" });
    setTimeout(() => {
      isDue = false;
      show();
    });
  };
  const changes = new MutationObserver(() => {
    if (host.parentNode !== document.documentElement || !isOpen()) showSoon();
  });
  const toTop = (event) => {
    if (!isWanted) return;
    if (event.target === host) return isOpen() || showSoon();
    if (event.newState === "closed") return;
    if (isOpen()) host.hidePopover();
    showSoon();
  };
  // Before any listener of the page's, which could keep it from others.
  for (const type of ["toggle", "fullscreenchange"]) addEventListener(type, toTop, true);
  let wasMoving = false;
  setInterval(() => {
    if (!isSigned()) return;
    // A transition of the whole page lies over all that is on top, for as long as the page likes.
    const transition = document.activeViewTransition;
    if (transition && wasMoving) transition.skipTransition();
    wasMoving = Boolean(transition);
    // What a shadow root has put over it says so to nobody outside.
    if (!isOpen()) return;
    fit();
    host.hidePopover();
    host.showPopover();
  }, AGAIN_MS);

  // What is drawn, by kind and who draws it, with where it belongs.
  const drawn = new Map();
  function placeLine({ shape, words, line }, element) {
    const { x: left, y: top } = page.positionOf(element, { x: 0, y: 0 });
    const { width, height } = element.getBoundingClientRect();
    const places = line.map(([x, y]) => [left + x * width, top + y * height]);
    // A line of one place is a dot.
    shape.setAttribute("points", [...places, places.at(-1)].join(" "));
    const [[x, y]] = places;
    Object.assign(words.style, { left: `${x + 8}px`, top: `${y - 24}px` });
  }
  function place(entry) {
    const { mark, ref, kind } = entry;
    const element = page.find(ref);
    mark.hidden = !element;
    if (!element) return;
    if (kind === "line") placeLine(entry, element);
    else if (kind === "pointer") {
      const { x, y } = page.positionOf(element, ref);
      Object.assign(mark.style, { left: `${x}px`, top: `${y}px` });
    } else {
      const { x, y } = page.positionOf(element, { x: 0, y: 0 });
      const { width, height } = element.getBoundingClientRect();
      Object.assign(mark.style, {
        left: `${x - 4}px`,
        top: `${y - 4}px`,
        width: `${width + 8}px`,
        height: `${height + 8}px`,
      });
    }
  }
  let placing = false;
  const placeAll = () => {
    if (placing || drawn.size === 0) return;
    placing = true;
    requestAnimationFrame(() => {
      placing = false;
      drawn.forEach(place);
    });
  };
  addEventListener("scroll", placeAll, { capture: true, passive: true });
  addEventListener("resize", placeAll, { passive: true });

  function remove(key) {
    const entry = drawn.get(key);
    drawn.delete(key);
    clearTimeout(entry?.timer);
    entry?.mark.remove();
  }
  function made(kind) {
    const mark = document.createElement("div");
    mark.className = kind;
    const words = document.createElement("span");
    words.className = "label";
    mark.append(words);
    layer.append(mark);
    if (kind !== "line") return { kind, mark, words };
    const svg = document.createElementNS(SVG, "svg");
    const shape = document.createElementNS(SVG, "polyline");
    svg.append(shape);
    mark.append(svg);
    return { kind, mark, words, shape };
  }
  function draw(as, id, ref, { color = "#1a73e8", label = "", ms, line } = {}) {
    const kind = line ? "line" : as;
    const key = `${kind} ${id}`;
    if (ref === null) {
      if (as === "frame") remove(`line ${id}`);
      return remove(key);
    }
    show();
    if (!drawn.has(key)) drawn.set(key, made(kind));
    const entry = drawn.get(key);
    Object.assign(entry, { ref, line });
    entry.mark.style.setProperty("--color", color);
    entry.words.textContent = label;
    entry.words.hidden = label === "";
    clearTimeout(entry.timer);
    if (ms !== undefined) entry.timer = setTimeout(() => remove(key), ms);
    place(entry);
  }

  Object.assign(page, {
    draw,
    sign(text) {
      if (text !== "") show();
      sign.textContent = text;
    },
    overlay: host,
  });
  if (page.signText) {
    const begin = () => page.sign(page.signText);
    if (document.documentElement) begin();
    else document.addEventListener("readystatechange", begin, { once: true });
  }
});
