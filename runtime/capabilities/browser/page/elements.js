// Names for elements that hold in every browser which has the same page, and back.
((page) => {
  const INTO = " >>> ";
  // What `pathOf` writes, and no other selector: whether one fits would tell what is masked.
  const TAG = "(?:[\\w-]|[^\\x00-\\x7F]|\\\\.)+(?::nth-of-type\\(\\d{1,9}\\))?";
  const IN_ROOT = new RegExp(`^(?:#[A-Za-z][\\w-]*|${TAG})(?: > ${TAG})*$`);
  // Made up anew with each load by some frameworks: no name to find an element by elsewhere.
  const isLasting = (id) => /^[A-Za-z][A-Za-z_-]{0,40}[0-9]{0,2}$/.test(id);

  function stepOf(element) {
    const tag = CSS.escape(element.localName);
    const same = [...element.parentNode.children].filter((x) => x.localName === element.localName);
    return same.length === 1 ? tag : `${tag}:nth-of-type(${same.indexOf(element) + 1})`;
  }

  function pathInRoot(element, root) {
    const steps = [];
    for (let at = element; at && at !== root; at = at.parentNode) {
      if (!at.localName) break;
      if (isLasting(at.id) && root.querySelectorAll(`#${at.id}`).length === 1) {
        steps.unshift(`#${at.id}`);
        break;
      }
      steps.unshift(stepOf(at));
    }
    return steps.join(" > ");
  }

  // Out of shadow roots and frames of the same origin, up to the page.
  function pathOf(element) {
    const root = element.getRootNode();
    const path = pathInRoot(element, root);
    const outer = root.host ?? root.defaultView?.frameElement;
    return outer ? pathOf(outer) + INTO + path : path;
  }

  function byPath(path) {
    let root = document;
    let found;
    for (const step of path.split(INTO)) {
      found = IN_ROOT.test(step) ? root?.querySelector(step) : undefined;
      if (!found) return undefined;
      root = found.shadowRoot ?? found.contentDocument;
    }
    return found;
  }

  // Whoever mirrors the page names elements by the mirror's ids.
  function find({ path, node, document: of = page.document }) {
    const byNode = node !== undefined && of === page.document && page.nodeById(node);
    const found = byNode || (path !== undefined && byPath(path));
    const element = found?.nodeType === Node.TEXT_NODE ? found.parentElement : found;
    return element && "getBoundingClientRect" in element && element.isConnected
      ? element
      : undefined;
  }

  const refOf = (element) => {
    const node = page.idOf(element);
    return { path: pathOf(element), ...(node > 0 ? { node, document: page.document } : {}) };
  };
  const clamp = (x) => Math.min(1, Math.max(0, x));
  const round = (x) => Math.round(x * 10_000) / 10_000;
  const pointOf = (element, { clientX, clientY }) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const x = width > 0 ? (clientX - left) / width : 0.5;
    const y = height > 0 ? (clientY - top) / height : 0.5;
    return { ...refOf(element), x: round(clamp(x)), y: round(clamp(y)) };
  };

  // A place of a window in the page's own viewport, through the frames around it.
  function inPage(view, { x, y }) {
    const frame = view?.frameElement;
    if (!frame) return { x, y };
    const { left, top } = frame.getBoundingClientRect();
    const outer = { x: x + left + frame.clientLeft, y: y + top + frame.clientTop };
    return inPage(view.parent, outer);
  }
  function positionOf(element, { x, y }) {
    const { left, top, width, height } = element.getBoundingClientRect();
    const place = { x: left + width * x, y: top + height * y };
    return inPage(element.ownerDocument.defaultView, place);
  }

  // What lies at a point, inside of shadow roots and frames too.
  function elementAt(x, y, root = document) {
    const found = root.elementFromPoint(x, y);
    const inner = found?.shadowRoot ?? found?.contentDocument;
    if (!inner) return found;
    const { left, top } = found.getBoundingClientRect();
    const isFrame = found.contentDocument;
    const deeper = isFrame
      ? elementAt(x - left - found.clientLeft, y - top - found.clientTop, inner)
      : elementAt(x, y, inner);
    return deeper ?? found;
  }

  Object.assign(page, { find, pathOf, refOf, pointOf, inPage, positionOf, elementAt, round });
});
